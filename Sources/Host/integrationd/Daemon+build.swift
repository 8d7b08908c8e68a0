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
    var plugins: PluginHost
    var scheduler: RunScheduler
    var api: API

    /// Opens the store and wires everything up.  Prints what is in the way and ends the program.
    ///
    /// - Parameter whenInUse: what to do while another process has the store.
    static func build(_ configuration: Configuration, logger: Logger, whenInUse: String? = nil) throws -> Daemon {
        try refuseWhatIsMissing(in: configuration)
        let plugins = try makePluginHost(configuration)
        let store = try openStore(configuration, whenInUse: whenInUse)
        plugins.removeLeftovers()
        let scheduler = RunScheduler(
            EngineServices(
                storage: store, launcher: plugins, logger: logger,
                limits: .init(
                    maxConcurrent: configuration.runs.maxConcurrent,
                    stalledAfter: configuration.runs.stalledAfter,
                    cancelGrace: configuration.runs.cancelGrace),
                whenIdle: {
                    store.releaseMemory()
                    ProcessMemory.trim()
                }))
        let api = API(
            integrations: configuration.integrations.map(Integration.init), scheduler: scheduler,
            storage: store, catalog: plugins, logger: logger,
            settings: .init(configuration, authenticator: try authenticator(configuration)))
        return Daemon(
            configuration: configuration, store: store, plugins: plugins, scheduler: scheduler,
            api: api)
    }

    /// What a configuration may say and this version cannot do is not passed over in silence.
    private static func refuseWhatIsMissing(in configuration: Configuration) throws {
        var missing: [String] = []
        if case .postgresql = configuration.store { missing.append("store.postgresql") }
        guard missing.isEmpty else {
            let keys = missing.joined(separator: ", ")
            StandardError.write("\(configuration.file): error: this version does not offer \(keys)")
            throw ExitCode.configuration
        }
    }

    /// - Parameter dataFolder: for copies of plugins and their data; nil: the daemon's own.
    static func makePluginHost(_ configuration: Configuration, dataFolder: String? = nil) throws -> PluginHost {
        let worker = Executable.folder + "/integrationd-worker"
        guard FileManager.default.isExecutableFile(atPath: worker) else {
            StandardError.write("error: \(worker) is missing; it has to stand beside integrationd")
            throw ExitCode.environment
        }
        return PluginHost(
            places: .init(
                workerExecutable: worker, pluginDirectories: configuration.plugins.directories,
                dataFolder: dataFolder ?? configuration.stateFolder, settingsFolder: configuration.folder),
            progressRate: configuration.runs.progressRate,
            integrations: Dictionary(
                uniqueKeysWithValues: configuration.integrations.map { ($0.name, .init($0)) }),
            environment: ProcessInfo.processInfo.environment)
    }

    private static func authenticator(_ configuration: Configuration) throws -> Authenticator? {
        guard let authentication = configuration.authentication else { return nil }
        do {
            return Authenticator(authentication, sessionKey: try SessionKey.load(from: configuration.stateFolder))
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
}

extension Integration {
    fileprivate init(_ entry: Configuration.Integration) {
        self.init(
            name: entry.name, displayName: entry.displayName, isEnabled: entry.enabled,
            plugin: entry.plugin, tenant: entry.tenant, timeout: entry.timeout)
    }
}

extension PluginHost.Integration {
    fileprivate init(_ entry: Configuration.Integration) {
        self.init(
            plugin: entry.plugin, pin: entry.sha256, isolation: entry.isolation,
            environment: entry.environment, memoryLimit: entry.limits.memory,
            settings: entry.settings, settingsFromVariables: entry.settingsFromVariables)
    }
}

extension API.Settings {
    fileprivate init(_ configuration: Configuration, authenticator: Authenticator?) {
        let server = configuration.server
        self.init(
            basePath: server.basePath, heartbeat: server.heartbeat,
            maximumBody: server.limits.body, bodyPatience: server.limits.bodyTimeout, maximumStreams: server.limits.streams,
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
