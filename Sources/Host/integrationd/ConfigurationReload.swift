import Config
import Core
import Engine
import Foundation
import HTTP
import Logging
import PluginHost
import Synchronization

/// Takes in a changed configuration while the daemon runs: all of it or nothing, one at a time.
///
/// Runs that are under way go on with what they began with, and no stream notices.
final class ConfigurationReload: @unchecked Sendable {
    // `turn` guards the two that a reload replaces.
    private let turn = NSLock()
    private var configuration: Configuration
    private var plugins: PluginHost

    private let read: @Sendable () throws(ConfigurationErrors) -> Configuration
    private let configured: Current<API.Configured>
    private let scheduler: RunScheduler
    private let schedules: ScheduleService.Changes
    private let logger: Logger
    private let waiting = Atomic(0)

    /// Reloads at a time; all but one wait.
    private static let limit = 16

    init(
        _ configuration: Configuration, _ plugins: PluginHost, configured: Current<API.Configured>,
        scheduler: RunScheduler, schedules: ScheduleService.Changes, logger: Logger,
        read: @escaping @Sendable () throws(ConfigurationErrors) -> Configuration
    ) {
        self.configuration = configuration
        self.plugins = plugins
        self.configured = configured
        self.scheduler = scheduler
        self.schedules = schedules
        self.logger = logger
        self.read = read
    }

    /// Reads the file, asks the plugins that are new to it, and applies it if nothing is wrong.
    func callAsFunction() async throws(ReloadRefusal) -> ReloadReport {
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.limit else {
            throw ReloadRefusal(errors: ["\(Self.limit) reloads wait for their turn already"])
        }
        // Plugins are asked on a thread that stays.
        return try await withCheckedContinuation { continuation in
            OwnThread.start(name: "reload") {
                continuation.resume(returning: Result { () throws(ReloadRefusal) in try self.reload() })
            }
        }.get()
    }

    private func reload() throws(ReloadRefusal) -> ReloadReport {
        turn.lock()
        defer { turn.unlock() }
        do throws(ConfigurationErrors) {
            let new = try read()
            let change = ConfigurationChange(from: configuration, to: new)
            let plugins = try check(new, change)
            apply(new, change, plugins, try Self.configured(new, plugins))
            return ReloadReport(
                applied: change.applied, unchanged: change.unchanged, sections: change.sections)
        } catch {
            let lines = error.errors.map(\.inOneLine)
            for line in lines { logger.error("the configuration was not taken: \(line)") }
            throw ReloadRefusal(errors: lines)
        }
    }

    /// What may run from now on, or what is wrong with it.
    private func check(
        _ new: Configuration, _ change: ConfigurationChange
    ) throws(ConfigurationErrors) -> PluginHost {
        var problems = change.fixedSections.map {
            new.error(atSection: $0, message: "\($0) has changed, and that takes a restart")
        }
        problems += new.unavailable
        guard problems.isEmpty else { throw ConfigurationErrors(problems) }
        var entries = new.pluginIntegrations
        // A run of one that is removed may just be starting.
        for entry in configuration.integrations where change.removed.contains(entry.name) {
            entries[entry.name] = .init(entry)
        }
        let plugins = PluginHost(
            replacing: plugins, pluginDirectories: new.plugins.directories,
            progressRate: new.runs.progressRate, integrations: entries)
        let fresh = Set(change.added + change.changed)
        for integration in new.integrations where integration.enabled && fresh.contains(integration.name) {
            do throws(ConfigurationErrors) {
                _ = try new.check(integration, with: plugins)
            } catch {
                problems += error.errors
            }
        }
        guard problems.isEmpty else { throw ConfigurationErrors(problems) }
        return plugins
    }

    private static func configured(
        _ new: Configuration, _ plugins: PluginHost
    ) throws(ConfigurationErrors) -> API.Configured {
        do {
            return try API.Configured(new, plugins)
        } catch {
            throw ConfigurationErrors([new.error(atSection: "auth", message: "\(error)")])
        }
    }

    private func apply(
        _ new: Configuration, _ change: ConfigurationChange, _ plugins: PluginHost, _ api: API.Configured
    ) {
        scheduler.change(launcher: plugins, limits: .init(new))
        configured.value = api
        schedules.take(new)
        // What crashed had other settings, or another file.
        for name in change.applied { scheduler.services.quarantines.clear(name) }
        configuration = new
        self.plugins = plugins
        for integration in change.added + change.changed { new.warn(about: integration, logger) }
        ProcessMemory.trim()
        logger.info(
            "configuration taken",
            metadata: [
                "added": "\(change.added)", "changed": "\(change.changed)", "removed": "\(change.removed)",
                "unchanged": "\(change.unchanged.count)", "sections": "\(change.sections)",
            ])
    }
}

extension ConfigurationError {
    /// In one line, without what stands in the file.
    fileprivate var inOneLine: String { "\(file):\(line):\(column): error: \(message)\(hint.map { " (\($0))" } ?? "")" }
}
