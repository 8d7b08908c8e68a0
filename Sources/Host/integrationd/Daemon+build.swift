import ArgumentParser
import Config
import Core
import Engine
import Foundation
import HTTP
import Logging
import PluginHost
import Store

/// The parts, put together: the only place that knows all of them.
struct Daemon {
    var configuration: Configuration
    var store: SQLiteStore
    var scheduler: RunScheduler
    var api: API
    var schedules: ScheduleService.Changes
    var reload: ConfigurationReload

    /// Opens the store and wires everything up.  Prints what is in the way and ends the program.
    ///
    /// - Parameters:
    ///   - options: where the configuration is read from, to read it again.
    ///   - whenInUse: what to do while another process has the store.
    static func build(
        _ configuration: Configuration, of options: CommonOptions, logger: Logger, whenInUse: String? = nil
    ) throws -> Daemon {
        try refuseWhatIsMissing(in: configuration)
        let plugins = try makePluginHost(configuration)
        let store = try openStore(configuration, whenInUse: whenInUse)
        plugins.removeLeftovers()
        let scheduler = RunScheduler(
            EngineServices(
                storage: store, launcher: plugins, logger: logger,
                limits: .init(configuration),
                whenIdle: {
                    store.releaseMemory()
                    ProcessMemory.trim()
                }))
        let configured = Current(try configured(configuration, plugins))
        let schedules = ScheduleService.Changes(configuration)
        let reload = ConfigurationReload(
            configuration, plugins, configured: configured, scheduler: scheduler, schedules: schedules,
            logger: logger
        ) { () throws(ConfigurationErrors) in try options.read() }
        let api = API(configured, scheduler: scheduler, storage: store, logger: logger) {
            () async throws(ReloadRefusal) in try await reload()
        }
        return Daemon(
            configuration: configuration, store: store, scheduler: scheduler, api: api,
            schedules: schedules, reload: reload)
    }

    /// What a configuration may say and this version cannot do is not passed over in silence.
    private static func refuseWhatIsMissing(in configuration: Configuration) throws {
        let missing = configuration.unavailable
        guard missing.isEmpty else {
            StandardError.write(ConfigurationErrors(missing).description)
            throw ExitCode.configuration
        }
    }

    /// - Parameter dataFolder: for copies of plugins and their data; nil: the daemon's own.
    static func makePluginHost(_ configuration: Configuration, dataFolder: String? = nil) throws -> PluginHost {
        let worker = try Executable.beside("integrationd-worker")
        return PluginHost(
            places: .init(
                workerExecutable: worker, pluginDirectories: configuration.plugins.directories,
                dataFolder: dataFolder ?? configuration.stateFolder, settingsFolder: configuration.folder),
            progressRate: configuration.runs.progressRate,
            integrations: configuration.pluginIntegrations,
            environment: ProcessInfo.processInfo.environment)
    }

    private static func configured(
        _ configuration: Configuration, _ plugins: PluginHost
    ) throws -> API.Configured {
        do {
            return try API.Configured(configuration, plugins)
        } catch {
            StandardError.write("error: \(error)")
            throw ExitCode.environment
        }
    }

    private static func openStore(_ configuration: Configuration, whenInUse: String?) throws -> SQLiteStore {
        guard case .sqlite(let path) = configuration.store else { throw ExitCode.configuration }
        do {
            return try SQLiteStore.open(path: path)
        } catch {
            StandardError.write("error: \(error)")
            if case StorageError.locked = error, let whenInUse { StandardError.write("hint: \(whenInUse)") }
            throw ExitCode.environment
        }
    }
}

extension Configuration {
    /// The folder of the store: copies of plugins and their data are there too.
    var stateFolder: String {
        guard case .sqlite(let path) = store else { return folder + "/var" }
        return (path as NSString).deletingLastPathComponent
    }

    /// What a configuration may say and this version cannot do.
    var unavailable: [ConfigurationError] {
        var missing: [(section: String, key: String)] = []
        if case .postgresql = store { missing.append(("store", "store.postgresql")) }
        return missing.map { error(atSection: $0.section, message: "this version does not offer \($0.key)") }
    }

    /// What the plugin host has to know, by name.
    var pluginIntegrations: [String: PluginHost.Integration] {
        Dictionary(uniqueKeysWithValues: integrations.map { ($0.name, .init($0)) })
    }

    /// Says what an integration does not protect from.
    func warn(about name: String, _ logger: Logger) {
        guard integrations.contains(where: { $0.name == name && $0.isolation == .inProcess }) else { return }
        logger.warning(
            """
            \(name) runs inside the daemon: a crash of its plugin ends the daemon, \
            and a plugin that hangs cannot be ended
            """)
    }
}

extension EngineServices.Limits {
    init(_ configuration: Configuration) {
        self.init(
            maxConcurrent: configuration.runs.maxConcurrent,
            stalledAfter: configuration.runs.stalledAfter,
            cancelGrace: configuration.runs.cancelGrace)
    }
}

extension API.Configured {
    /// Throws where the key for sessions cannot be used.
    init(_ configuration: Configuration, _ plugins: PluginHost) throws {
        let authenticator = try configuration.authentication.map {
            Authenticator($0, sessionKey: try SessionKey.load(from: configuration.stateFolder))
        }
        self.init(
            integrations: configuration.integrations.map(Integration.init), catalog: plugins,
            settings: .init(configuration, authenticator: authenticator))
    }
}

extension Integration {
    init(_ entry: Configuration.Integration) {
        self.init(
            name: entry.name, displayName: entry.displayName, isEnabled: entry.enabled,
            plugin: entry.plugin, tenant: entry.tenant, timeout: entry.timeout,
            allowsMassDelete: entry.allowsMassDelete, timetable: Timetable(entry))
    }
}

extension Timetable {
    fileprivate init?(_ entry: Configuration.Integration) {
        guard let schedule = entry.schedule else { return nil }
        let scheduling = entry.scheduling
        self.init(
            schedule, jitter: scheduling.jitter, overlap: scheduling.overlap, catchesUp: scheduling.catchesUp,
            seed: "\(Executable.hostName)/\(entry.name)")
    }
}

extension PluginHost.Integration {
    init(_ entry: Configuration.Integration) {
        self.init(
            plugin: entry.plugin, pin: entry.sha256, isolation: entry.isolation,
            environment: entry.environment, limits: WorkerLimits(entry.limits),
            settings: entry.settings, settingsFromVariables: entry.settingsFromVariables)
    }
}

extension WorkerLimits {
    fileprivate init(_ limits: Configuration.Integration.Limits) {
        self.init(
            memory: limits.memory,
            // A started second counts.
            cpuSeconds: limits.cpu.map { max(1, Int(clamping: ($0.wholeMilliseconds + 999) / 1000)) },
            openFiles: limits.openFiles, fileSize: limits.fileSize)
    }
}

extension API.Settings {
    fileprivate init(_ configuration: Configuration, authenticator: Authenticator?) {
        let server = configuration.server
        self.init(
            basePath: server.basePath, heartbeat: server.heartbeat,
            maximumBody: server.limits.body, bodyPatience: server.limits.bodyTimeout,
            maximumStreams: server.limits.streams,
            maximumStreamsPerToken: server.limits.streamsPerToken, keepRuns: configuration.runs.keep,
            authenticator: authenticator,
            allowedOrigins: server.cors?.allowedOrigins ?? [])
    }
}

extension Authenticator {
    fileprivate init(_ authentication: Configuration.Authentication, sessionKey: [UInt8]) {
        self.init(
            tokens: authentication.tokens.map { token in
                let principal = Principal(
                    name: token.name, scopes: Set(token.scopes.compactMap(Principal.Scope.init)),
                    organizations: token.organizations, projects: token.projects)
                return switch token.credential {
                case .secret(let secret): Token(secret: secret, principal: principal)
                case .digest(let digest): Token(digest: digest, principal: principal)
                }
            }, sessionKey: sessionKey)
    }
}
