package import Core
import Foundation
import Synchronization

/// Finds, describes and starts the plugins of the configured integrations.
package final class PluginHost: PluginLauncher {
    /// What the host has to know of one integration to run its plugin.
    package struct Integration: Sendable {
        package var plugin: String
        package var pin: String?
        package var isolation: Isolation
        /// Names of variables that the worker may see.
        package var environment: [String]
        package var limits: WorkerLimits
        package var settings: JSONValue
        package var settingsFromVariables: Set<[JSONPathElement]>

        package init(
            plugin: String, pin: String?, isolation: Isolation, environment: [String],
            limits: WorkerLimits = WorkerLimits(), settings: JSONValue, settingsFromVariables: Set<[JSONPathElement]>
        ) {
            self.plugin = plugin
            self.pin = pin
            self.isolation = isolation
            self.environment = environment
            self.limits = limits
            self.settings = settings
            self.settingsFromVariables = settingsFromVariables
        }
    }

    /// Where things are on this machine; all absolute.
    package struct Places: Sendable {
        package var workerExecutable: String
        package var pluginDirectories: [String]
        /// Copies of plugins and their data; created when needed.
        package var dataFolder: String
        /// Where relative paths in settings begin: the YAML file's folder.
        package var settingsFolder: String

        package init(
            workerExecutable: String, pluginDirectories: [String], dataFolder: String,
            settingsFolder: String
        ) {
            self.settingsFolder = settingsFolder
            self.workerExecutable = workerExecutable
            self.pluginDirectories = pluginDirectories
            self.dataFolder = dataFolder
        }
    }

    let places: Places
    let progressRate: Int
    let integrations: [String: Integration]
    let files: PluginFiles
    let inheritedEnvironment: [String: String]
    let shared: Shared

    /// What a host has in common with the one that takes its place when the configuration changes.
    final class Shared: Sendable {
        let gate = InProcessGate()
        /// Where the dynamic linker looks beside the system's own folders.
        let libraryFolders = SharedLibraries.configuredFolders()
        let copies: PluginCopies
        let descriptions = DescriptionCache()
        /// Without it every session listens for itself.
        let listener = try? SharedListener()

        init(dataFolder: String) { copies = PluginCopies(folder: dataFolder + "/plugins") }
    }

    /// - Parameter progressRate: progress calls per second that a plugin makes one by one.
    package convenience init(
        places: Places, progressRate: Int = 200, integrations: [String: Integration], environment: [String: String]
    ) {
        self.init(
            places: places, progressRate: progressRate, integrations: integrations, environment: environment,
            shared: Shared(dataFolder: places.dataFolder))
    }

    /// The host for another configuration.  Runs that `earlier` has launched go on; what is known of
    /// files stays known.  The data folder stays the same.
    package convenience init(
        replacing earlier: PluginHost, pluginDirectories: [String], progressRate: Int,
        integrations: [String: Integration]
    ) {
        var places = earlier.places
        places.pluginDirectories = pluginDirectories
        self.init(
            places: places, progressRate: progressRate, integrations: integrations,
            environment: earlier.inheritedEnvironment, shared: earlier.shared)
    }

    private init(
        places: Places, progressRate: Int, integrations: [String: Integration], environment: [String: String],
        shared: Shared
    ) {
        self.places = places
        self.progressRate = progressRate
        self.integrations = integrations
        inheritedEnvironment = environment
        self.shared = shared
        files = PluginFiles(directories: places.pluginDirectories, copies: shared.copies)
    }

    var temporaryParent: String { places.dataFolder + "/tmp" }

    /// Removes what an earlier process left; only for the one that has the store to itself.
    package func removeLeftovers() {
        TemporaryFolder.removeAll(in: temporaryParent)
        shared.copies.own()
    }

    func configured(_ name: String) throws(RunFailure) -> Integration {
        guard let integration = integrations[name] else {
            throw RunFailure(.integrationUnknown, "There is no integration named \(name).")
        }
        return integration
    }

    package func identify(_ name: String) throws(RunFailure) -> String {
        let integration = try configured(name)
        return try files.prepare(integration.plugin, pin: integration.pin).sha256
    }

    package func launch(
        _ call: PluginCall, unless isStopped: () -> Bool
    ) throws(RunFailure) -> any PluginSession {
        let integration = try configured(call.integration)
        let file = try files.prepare(integration.plugin, pin: integration.pin)
        let description = try describe(integration, file)
        try Self.check(that: description, has: call.entry, file: integration.plugin)
        let settings = try checkedSettings(
            integration, description, name: call.integration, options: call.options)
        let temporary = try TemporaryFolder(in: temporaryParent)
        let descriptors = try DescriptorSet()
        let worker: any WorkerPlace
        switch integration.isolation {
        case .process:
            worker = try WorkerProcess(
                executable: places.workerExecutable,
                environment: environment(of: integration, temporary: temporary))
        case .inProcess:
            try shared.gate.enter(plugin: file.sha256, isSwift: file.isSwift, unless: isStopped)
            worker = try WorkerThread(gate: shared.gate)
        }
        let session = WorkerSession(
            watching: descriptors, listener: shared.listener, worker: worker, mask: SecretMask(settings.secrets.values),
            plugin: description.id)
        session.keep(file, temporary)
        var start = StartFrame(entry: .call(call.entry), plugin: file.path, temporaryFolder: temporary.path)
        start.call = call
        start.settings = settings.settings.text
        start.secrets = settings.secrets
        start.limits = integration.limits
        start.readablePaths = readablePaths(of: integration, file) + settings.paths
        start.progressRate = progressRate
        start.dataFolder = try dataFolder(of: call)
        session.send(start.frame)
        return session
    }

    private static func check(
        that description: PluginDescription, has entry: PluginEntry, file: String
    ) throws(RunFailure) {
        let capabilities = description.capabilities
        let isThere =
            switch entry {
            case .import: true
            case .test: capabilities.test
            case .structure: capabilities.structure
            case .webhook: capabilities.webhook
            }
        guard !isThere else { return }
        throw RunFailure(.notSupported, "\(file) does not export \(entry.symbol).")
    }
}
