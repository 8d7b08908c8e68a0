import Core
import Foundation
import PluginHost

/// All that can be said of a plugin file.
struct PluginAccount {
    let path: String
    let size: Int
    let sha256: String
    let elf: Result<ELFFile, MalformedELF>
    /// Nil: it was not asked.
    let description: Result<PluginDescription, RunFailure>?

    init(
        file: PluginPath, content: [UInt8],
        describe: (() throws(RunFailure) -> PluginDescription)?
    ) {
        path = file.path
        size = content.count
        sha256 = PluginFile.sha256(of: content)
        elf = Result { () throws(MalformedELF) in try ELFFile(content) }
        description = describe.map { describe in Result { () throws(RunFailure) in try describe() } }
    }

    /// Why the daemon could not use it.
    var failure: RunFailure? {
        if case .failure(let problem) = elf {
            return RunFailure(.pluginUnavailable, "\(path) cannot be loaded: \(problem.reason).")
        }
        if case .failure(let failure)? = description { return failure }
        return nil
    }

    private var entries: [String] {
        guard case .success(let elf) = elf else { return [] }
        return elf.exports.map(\.name).filter { $0.hasPrefix("integration_") }
    }

    // MARK: For people

    var text: String {
        var rows = [("file", path), ("size", "\(size) bytes"), ("sha256", sha256)]
        if case .success(let elf) = elf {
            rows.append(("entries", entries.joined(separator: " ")))
            rows.append(("libraries", elf.needed.joined(separator: " ")))
            if !elf.searchPath.isEmpty { rows.append(("looked for in", elf.searchPath.joined(separator: ":"))) }
        }
        if case .success(let description)? = description { rows += Self.rows(description) }
        if let failure {
            rows.append(("unusable", failure.message))
            if let hint = failure.hint { rows.append(("hint", hint)) }
        }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, value in
            "\(name)\(String(repeating: " ", count: width - name.count))  \(value.printable)\n"
        }.joined()
    }

    private static func rows(_ description: PluginDescription) -> [(String, String)] {
        [
            ("name", "\(description.name) \(description.version)"), ("id", description.id),
            ("ABI", description.abi),
            ("progress", description.capabilities.progress ? "its own" : "the host's, from what it emits"),
            ("collections", description.collections.joined(separator: " ")),
        ] + description.settingRows + [("containment", description.containment.words)]
    }

    // MARK: For programs

    var json: JSONValue {
        var object: JSONValue = [
            "file": .string(path), "size": .integer(Int64(size)), "sha256": .string(sha256),
            "entries": .array(entries.map { .string($0) }),
        ]
        if case .success(let elf) = elf {
            object["libraries"] = .array(elf.needed.map { .string($0) })
            object["searchPath"] = .array(elf.searchPath.map { .string($0) })
        }
        if case .success(let description)? = description {
            object["id"] = .string(description.id)
            object["name"] = .string(description.name)
            object["version"] = .string(description.version)
            object["abi"] = .string(description.abi)
            object["collections"] = .array(description.collections.map { .string($0) })
            object["settingsSchema"] = description.schemaJSON
            object["containment"] = .object(
                description.containment.measures.map { .init($0.name, .bool($0.isOn)) })
        }
        if let failure {
            object["error"] = ["code": .string(failure.code.rawValue), "message": .string(failure.message)]
            if let hint = failure.hint { object["error"]?["hint"] = .string(hint) }
        }
        return object
    }
}

extension PluginDescription {
    /// `setting  workspace_id: string, required`
    fileprivate var settingRows: [(String, String)] {
        let required = Set(schemaJSON["required"]?.elements?.compactMap(\.stringValue) ?? [])
        return (schemaJSON["properties"]?.members ?? []).map { member in
            var words = [member.value["type"]?.stringValue ?? "any"]
            if required.contains(member.key) { words.append("required") }
            if schema.secrets.contains(member.key) { words.append("secret") }
            if schema.runOptions.contains(member.key) { words.append("a run may override it") }
            if let fallback = member.value["default"] { words.append("default \(fallback.text)") }
            return ("setting", "\(member.key): \(words.joined(separator: ", "))")
        }
    }
}

extension Containment {
    /// `noNewPrivileges on, landlockFiles off, …`: what this machine's kernel did with it.
    fileprivate var words: String {
        measures.map { "\($0.name) \($0.isOn ? "on" : "off")" }.joined(separator: ", ")
    }
}
