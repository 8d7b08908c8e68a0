import ArgumentParser
import Config
import Core
import Foundation
import PluginHost
import Store

/// `integrationd plugin list`
struct PluginListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the plugin files of the configured folders, and who uses them.",
        discussion: """
            A file that an integration uses is asked what it is; of others only the name is known.  Quarantines are read \
            from the store, also while a daemon has it open.
            """)

    @OptionGroup var common: CommonOptions
    @Flag(help: "One JSON object a line.") var json = false

    private struct Row {
        var file: String
        var integrations: [String]
        var description: Result<PluginDescription, RunFailure>?
        /// Of its integrations, those whose runs do not use it for a while.
        var quarantines: [(record: CrashRecord, quarantine: CrashRecord.Quarantine)]
    }

    func run() throws {
        let configuration = try common.load()
        let host = try Daemon.makePluginHost(configuration)
        for row in rows(configuration, host) {
            try StandardOutput.write((json ? Self.json(row).text : Self.line(row)) + "\n")
        }
    }

    /// The files of the folders, the first of each name, and then what integrations name and is not there.
    private func rows(_ configuration: Configuration, _ host: PluginHost) -> [Row] {
        var files: [String] = []
        for folder in configuration.plugins.directories {
            // A folder that cannot be read has no plugins; `check` complains of those that are missed.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            files += names.filter { $0.hasSuffix(".so") && !files.contains($0) }.sorted()
        }
        let users = Dictionary(grouping: configuration.integrations, by: \.plugin)
        files += users.keys.filter { !files.contains($0) }.sorted()
        let crashes = crashes(configuration)
        return files.map { file in
            let names = (users[file] ?? []).map(\.name)
            let description = names.first.map { name in
                Result { () throws(RunFailure) in try host.describe(name) }
            }
            let sha256 = (try? description?.get())?.sha256  // where it cannot be described, any content will do
            let quarantines = crashes.filter { names.contains($0.integration) && sha256 ?? $0.sha256 == $0.sha256 }
                .compactMap { record in record.quarantine.map { (record, $0) } }
            return Row(file: file, integrations: names, description: description, quarantines: quarantines)
        }
    }

    private func crashes(_ configuration: Configuration) -> [CrashRecord] {
        guard case .sqlite(let path) = configuration.store else { return [] }
        do {
            return try SQLiteStore.crashRecords(inFile: path)
        } catch {
            StandardError.write("warning: quarantines could not be read from \(path): \(error)\n")
            return []
        }
    }

    private static func line(_ row: Row) -> String {
        let users = row.integrations.isEmpty ? "not used" : row.integrations.joined(separator: ", ")
        let what =
            switch row.description {
            case .success(let description)?: ": \(description.name) \(description.version), ABI \(description.abi)"
            case .failure(let failure)?: ": \(failure.message)"
            case nil: ""
            }
        let quarantines = row.quarantines.map { record, quarantine in
            "\n  " + "\(record.integration): in quarantine until \(quarantine.nextTry): \(record.reason)".printable
        }
        return "\(row.file) (\(users))\(what)".printable + quarantines.joined()
    }

    private static func json(_ row: Row) -> JSONValue {
        var object: JSONValue = [
            "file": .string(row.file), "integrations": .array(row.integrations.map { .string($0) }),
        ]
        switch row.description {
        case .success(let description)?:
            object["id"] = .string(description.id)
            object["version"] = .string(description.version)
            object["abi"] = .string(description.abi)
            object["sha256"] = .string(description.sha256)
        case .failure(let failure)?:
            object["error"] = ["code": .string(failure.code.rawValue), "message": .string(failure.message)]
        case nil: break
        }
        if !row.quarantines.isEmpty {
            object["quarantines"] = .array(row.quarantines.map { Self.json($0.record, $0.quarantine) })
        }
        return object
    }

    private static func json(_ record: CrashRecord, _ quarantine: CrashRecord.Quarantine) -> JSONValue {
        [
            "integration": .string(record.integration), "crashes": .integer(Int64(record.crashes)),
            "reason": .string(record.reason), "since": .string("\(quarantine.since)"),
            "nextTry": .string("\(quarantine.nextTry)"),
        ]
    }
}
