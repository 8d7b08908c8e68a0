import ArgumentParser
import Client
import Config
import Core
import Foundation
import PluginHost
import Store
import Terminal

/// What is on this machine: the configuration and all that it names.
struct HereCheck {
    let configuration: Configuration?
    let fileFindings: [Finding]

    /// Less than this is not much for a store.
    private static let littleSpace: Int64 = 1 << 30

    init(path: String) {
        do throws(ConfigurationErrors) {
            let configuration = try Configuration.load(
                path: path, environment: ProcessInfo.processInfo.environment, executableFolder: Executable.folder)
            let count = Int64(configuration.integrations.count)
            self.configuration = configuration
            fileFindings =
                count > 0
                ? [.good("configuration", "\(path): \(Words.counted(count, "integration"))")]
                : [
                    .remark(
                        "configuration", "\(path) has no integrations",
                        next: "integrationd init writes a file for a plugin; docs/operations.md has all keys.")
                ]
        } catch {
            configuration = nil
            fileFindings = error.errors.map { problem in
                .problem(
                    "configuration", "\(problem.file):\(problem.line):\(problem.column): \(problem.message)",
                    next: problem.hint ?? "Mend that line; `integrationd check` shows it.", exitCode: .configuration)
            }
        }
    }

    // MARK: The machine

    func machine(_ configuration: Configuration) -> [Finding] {
        [worker] + store(configuration) + configuration.plugins.directories.map(folder) + tls(configuration)
    }

    private func tls(_ configuration: Configuration) -> [Finding] {
        guard let tls = configuration.server.tls else {
            guard !Self.isLoopback(configuration.server.listen.host) else { return [] }
            return [
                .remark(
                    "tls", "other machines may ask, and their tokens come in clear text",
                    next: "Set server.tls, or let only a proxy that has TLS reach this port.")
            ]
        }
        let missing = [tls.certificate, tls.privateKey].filter { !FileManager.default.isReadableFile(atPath: $0) }
        guard missing.isEmpty else {
            return missing.map {
                .problem(
                    "tls", "\($0) cannot be read by this user",
                    next: "Name the file in server.tls, and let the daemon's user read it.",
                    exitCode: .configuration)
            }
        }
        return [.good("tls", tls.certificate)]
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    private var worker: Finding {
        let path = Executable.folder + "/integrationd-worker"
        return FileManager.default.isExecutableFile(atPath: path)
            ? .good("worker", path)
            : .problem(
                "worker", "\(path) is missing",
                next: "Copy it from where integrationd was built to beside this program.")
    }

    private func store(_ configuration: Configuration) -> [Finding] {
        guard case .sqlite(let path) = configuration.store else { return [] }
        let store = StoreCondition(path: path)
        if let folder = store.readOnlyFolder {
            return [
                .problem(
                    "store", "\(folder) cannot be written to by this user",
                    next: "Run as the daemon's user, or set store.sqlite to a place that this user may write to.")
            ]
        }
        switch store.file {
        case .unreadable(let reason):
            return [.problem("store", "\(path) cannot be read: \(reason)", next: "Run as the daemon's user.")]
        case .foreign:
            return [
                .problem(
                    "store", "\(path) is not a store of integrationd's",
                    next: "Move it away, or set store.sqlite to another file.")
            ]
        case .absent, .ours: break
        }
        var findings: [Finding] = []
        let size = store.file == .absent ? "will be created" : Self.bytes(store.size)
        let holder = store.holder.map { ", in use by \($0)" } ?? ""
        findings.append(.good("store", "\(path): \(size), \(Self.bytes(store.free)) left on its disk\(holder)"))
        if store.free < Self.littleSpace {
            findings.append(
                .remark("store", "the disk of the store is nearly full", next: "Make room, or shorten runs.keep."))
        }
        if store.isOpenToOthers {
            findings.append(.remark("store", "\(path) can be read by other users", next: "chmod 600 \(path)"))
        }
        return findings
    }

    private static func bytes(_ count: Int64) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (Double(count), 0)
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        return value < 10 && unit > 0 ? String(format: "%.1f %@", value, units[unit]) : "\(Int(value)) \(units[unit])"
    }

    private func folder(_ path: String) -> Finding {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            return .remark(
                "plugin folder", "\(path) is not there, or cannot be read",
                next: "Create it, or take it out of plugins.directories.")
        }
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_uid == 0 || status.st_uid == geteuid() else {
                return .problem(
                    "plugin folder", "\(path) belongs to another user; plugins in it are refused",
                    next: "chown it to root or to the daemon's user.")
            }
            guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
                return .problem(
                    "plugin folder", "\(path) can be written by other users; plugins in it are refused",
                    next: "chmod go-w \(path)")
            }
        }
        let count = Int64(names.count { $0.hasSuffix(".so") })
        return .good("plugin folder", "\(path): \(Words.counted(count, "shared object"))")
    }

    // MARK: Plugins

    func plugins(_ configuration: Configuration) throws -> [Finding] {
        guard worker.level == .good else { return [] }
        let scratch = try TemporaryFolder.ofCommand()
        let host = try Daemon.makePluginHost(configuration, dataFolder: scratch.path)
        return configuration.integrations.flatMap { plugin($0, configuration, host) }
    }

    /// Without a daemon that could be asked.
    func connections(_ configuration: Configuration, _ clock: inout ClockCheck) throws -> [Finding] {
        guard worker.level == .good else { return [] }
        let scratch = try TemporaryFolder.ofCommand()
        let host = try Daemon.makePluginHost(configuration, dataFolder: scratch.path)
        var findings: [Finding] = []
        for integration in configuration.integrations where integration.enabled {
            findings += ConnectionCheck(integration, host)?.findings(&clock) ?? []
        }
        return findings
    }

    private func plugin(
        _ integration: Configuration.Integration, _ configuration: Configuration, _ host: PluginHost
    ) -> [Finding] {
        let name = integration.name
        let description: PluginDescription
        do throws(RunFailure) {
            description = try host.describe(name)
        } catch {
            return [
                .problem(
                    "plugin", "\(name): \(error.message)",
                    next: error.hint ?? "Build it anew for this machine, or name another file in `plugin:`.",
                    exitCode: .configuration)
            ]
        }
        do throws(SettingsProblems) {
            _ = try host.validateSettings(of: name, against: description)
        } catch {
            return error.problems.map { problem in
                .problem(
                    "plugin", "\(name): \(problem.message)", next: problem.hint ?? "`integrationd check` shows where.",
                    exitCode: .configuration)
            }
        }
        var findings = [
            Finding.good("plugin", "\(name): \(description.name) \(description.version), ABI \(description.abi)")
        ]
        if !integration.enabled {
            findings.append(.remark("plugin", "\(name) is switched off", next: "Set enabled: true to run it."))
        }
        let unset = integration.environment.filter { ProcessInfo.processInfo.environment[$0] == nil }
        if !unset.isEmpty {
            findings.append(
                .remark(
                    "plugin", "\(name): \(unset.joined(separator: ", ")) of its `env:` is not set here",
                    next: "Set it for the daemon, or take it out of `env:`."))
        }
        if integration.isolation == .inProcess {
            findings.append(
                .remark(
                    "plugin", "\(name) runs inside the daemon: its crash would be the daemon's",
                    next: "Take `isolation: in-process` away, unless the plugin is trusted that far."))
        }
        return findings
    }
}
