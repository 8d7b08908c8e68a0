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

    private let places: Places
    private let progressRate: Int
    private let integrations: [String: Integration]
    private let files: PluginFiles
    private let inheritedEnvironment: [String: String]
    private let shared: Shared

    /// What a host has in common with the one that takes its place when the configuration changes.
    private final class Shared: Sendable {
        let gate = InProcessGate()
        /// Where the dynamic linker looks beside the system's own folders.
        let libraryFolders = SharedLibraries.configuredFolders()
        let copies: PluginCopies
        let descriptions = DescriptionCache()

        init(dataFolder: String) { copies = PluginCopies(folder: dataFolder + "/plugins") }
    }

    /// How long a plugin may take to say what it is.
    private static let describeLimit = Duration.seconds(5)

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

    private var temporaryParent: String { places.dataFolder + "/tmp" }

    /// Removes what an earlier process left; only for the one that has the store to itself.
    package func removeLeftovers() {
        TemporaryFolder.removeAll(in: temporaryParent)
        shared.copies.own()
    }

    // MARK: Describing

    /// What the plugin of an integration is; asked once per content of its file.  Blocks.
    package func describe(_ name: String) throws(RunFailure) -> PluginDescription {
        let integration = try configured(name)
        return try describe(integration, try files.prepare(integration.plugin, pin: integration.pin))
    }

    /// What an integration's worker may use, and where it runs.
    func confinement(of name: String) throws(RunFailure) -> (limits: WorkerLimits, isolation: Isolation) {
        let integration = try configured(name)
        return (integration.limits, integration.isolation)
    }

    private func configured(_ name: String) throws(RunFailure) -> Integration {
        guard let integration = integrations[name] else {
            throw RunFailure(.integrationUnknown, "There is no integration named \(name).")
        }
        return integration
    }

    private func describe(
        _ integration: Integration, _ file: PluginFile
    ) throws(RunFailure) -> PluginDescription {
        try shared.descriptions.description(of: file.sha256, holding: shared.copies.holds) {
            () throws(RunFailure) in try describeAnew(integration, file)
        }
    }

    private func describeAnew(
        _ integration: Integration, _ file: PluginFile
    ) throws(RunFailure) -> PluginDescription {
        let temporary = try TemporaryFolder(in: temporaryParent)
        let session = WorkerSession(
            worker: try WorkerProcess(
                executable: places.workerExecutable,
                environment: environment(of: integration, temporary: temporary)),
            mask: SecretMask([]))
        var start = StartFrame(entry: .describe, plugin: file.path, temporaryFolder: temporary.path)
        start.limits = integration.limits
        start.readablePaths = readablePaths(of: integration, file)
        session.send(start.frame)
        var containment = Containment()
        let answer: PluginMessage?
        do {
            answer = try Self.answer(of: session, &containment)
        } catch {
            _ = session.end()
            throw error
        }
        let exit = session.end()
        var description = try judge(answer, exit, file: integration.plugin, sha256: file.sha256)
        description.containment = containment
        return description
    }

    private static func answer(
        of session: WorkerSession, _ containment: inout Containment
    ) throws(RunFailure) -> PluginMessage? {
        let deadline = ContinuousClock.now + describeLimit
        while true {
            switch try session.next(until: deadline) {
            case .said(let message):
                switch message {
                case .described, .loadFailed: return message
                case .contained(let measures): containment = measures
                default: continue  // a constructor that prints
                }
            case .woken: continue
            case .ended: return nil
            case .deadlinePassed:
                _ = session.kill()
                throw RunFailure(
                    .pluginTimeout,
                    "The plugin did not say what it is within \(describeLimit.components.seconds) seconds.",
                    hint: "Its constructors and integration_manifest must not wait for anything.")
            }
        }
    }

    private func judge(
        _ answer: PluginMessage?, _ exit: PluginExit, file: String, sha256: String
    ) throws(RunFailure) -> PluginDescription {
        switch answer {
        case .described(let abiVersion, let symbols, let manifest):
            return try PluginDescription(
                file: file, sha256: sha256, abiVersion: abiVersion, symbols: symbols,
                manifest: manifest)
        case .loadFailed(let reason):
            throw RunFailure(
                .pluginUnavailable, "\(file) could not be loaded: \(Self.withoutCopy(reason, file)).")
        default:
            throw RunFailure(
                .pluginCrashed, "\(file) ended its process while it was being loaded: \(exit.sentence).",
                hint: exit.quotation)
        }
    }

    /// The dynamic linker names the private copy; a person knows the file by its own name.
    private static func withoutCopy(_ reason: String, _ file: String) -> String {
        reason.split(separator: " ").map { word in
            word.contains("/plugins/") && word.contains(".so") ? file + (word.hasSuffix(":") ? ":" : "") : String(word)
        }.joined(separator: " ")
    }

    // MARK: Running

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
            worker: worker, mask: SecretMask(settings.secrets.values), plugin: description.id)
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

    /// What the plugin of an integration gets as settings, or what is wrong with them.
    package func validateSettings(
        of name: String, against description: PluginDescription
    ) throws(SettingsProblems) -> ValidatedSettings? {
        guard let integration = integrations[name] else { return nil }
        return try description.schema.validate(
            integration.settings, fromVariables: integration.settingsFromVariables,
            pathsRelativeTo: places.settingsFolder)
    }

    /// Throws what is wrong with what one run asks for.
    func checkOptions(_ options: RunOptions, of name: String) throws(RunFailure) {
        let integration = try configured(name)
        let file = try files.prepare(integration.plugin, pin: integration.pin)
        let description = try describe(integration, file)
        let unknown = options.collections.filter { !description.collections.contains($0) }
        guard unknown.isEmpty || description.collections.isEmpty else {
            throw RunFailure(
                .settingsInvalid, "\(name) has no collection \(unknown.joined(separator: ", ")).",
                hint: "It has \(description.collections.joined(separator: ", ")).")
        }
        _ = try checkedSettings(integration, description, name: name, options: options)
    }

    private func checkedSettings(
        _ integration: Integration, _ description: PluginDescription, name: String,
        options: RunOptions
    ) throws(RunFailure) -> ValidatedSettings {
        let settings: ValidatedSettings
        do {
            settings = try description.schema.validate(
                integration.settings, fromVariables: integration.settingsFromVariables,
                pathsRelativeTo: places.settingsFolder)
        } catch {
            throw RunFailure(
                .settingsInvalid,
                "The settings of \(name) do not fit its plugin: \(error.sentence).",
                hint: "integrationd check shows where in the YAML.")
        }
        do {
            return try description.schema.validateRunOptions(options.settings, over: settings)
        } catch {
            throw RunFailure(
                .settingsInvalid, "The options of this run do not fit: \(error.sentence).")
        }
    }

    private func environment(of integration: Integration, temporary: TemporaryFolder) -> [String: String] {
        var environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": inheritedEnvironment["LANG"] ?? "C.UTF-8",
            "TMPDIR": temporary.path,
            // The default prints the memory of a process that crashed, secrets included.
            "SWIFT_BACKTRACE": "enable=no",
        ]
        environment["TZ"] = inheritedEnvironment["TZ"]
        for name in integration.environment { environment[name] = inheritedEnvironment[name] }
        return environment
    }

    /// What a confined worker may read beside the system's files and its settings' paths: libraries
    /// elsewhere, and files that variables name which the YAML lets through, such as `SSL_CERT_FILE`.
    /// No folders: `HOME` is not meant to open all that is there.
    private func readablePaths(of integration: Integration, _ file: PluginFile) -> [String] {
        let named = integration.environment.compactMap { inheritedEnvironment[$0] }.filter { path in
            var status = stat()
            return path.hasPrefix("/") && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
        return file.libraries + shared.libraryFolders + named
    }

    private func dataFolder(of call: PluginCall) throws(RunFailure) -> String {
        var folder = places.dataFolder
        for part in ["data", call.tenant.organization, call.tenant.project, call.integration] {
            // A tenant may be named "..", but no folder may; no tenant's name holds a "%".
            let isDots = part.allSatisfy { $0 == "." }
            folder += "/" + (isDots ? String(repeating: "%2E", count: part.count) : part)
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw RunFailure(
                    .internal, "The data folder \(folder) could not be made: \(String(cString: strerror(errno))).")
            }
        }
        return folder
    }
}

extension SettingsProblems {
    fileprivate var sentence: String {
        problems.map { $0.message + ($0.hint.map { " (\($0))" } ?? "") }.joined(separator: "; ")
    }
}
