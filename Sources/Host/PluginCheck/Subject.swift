package import Core
import Foundation
import PluginHost
import Probe
import Synchronization

/// The plugin that is checked, and what rules can have done with it.
///
/// Used by one thread, which stays until the check is over.
package final class Subject: @unchecked Sendable {
    /// Where things are; all absolute.
    package struct Places: Sendable {
        package var worker: String
        package var probe: String
        /// For copies, data and temporary files of the plugin; the caller removes it.
        package var scratch: String

        package init(worker: String, probe: String, scratch: String) {
            self.worker = worker
            self.probe = probe
            self.scratch = scratch
        }
    }

    /// What the plugin gets as settings.
    package struct Settings: Sendable {
        package var values: JSONValue
        package var fromVariables: Set<[JSONPathElement]>
        /// Where relative paths begin.
        package var folder: String

        package init(values: JSONValue, fromVariables: Set<[JSONPathElement]>, folder: String) {
            self.values = values
            self.fromVariables = fromVariables
            self.folder = folder
        }
    }

    let file: String
    let content: [UInt8]
    let elf: Result<ELFFile, MalformedELF>
    let seed: UInt64
    /// For one process of the plugin.
    let limit: Duration
    let settings: Settings
    private let places: Places
    private let copy: String
    private let host: PluginHost
    /// The same for calls inside this process.
    private let inside: PluginHost
    /// Whether calls are made inside this process, as with `isolation: in-process`.
    var callsInside = false
    private var folders = 0
    /// By where the call was made.
    private var firstImports: [Bool: Result<Recording, Verdict>] = [:]

    /// - Parameter file: absolute.
    package init(
        file: String, content: [UInt8], settings: Settings, seed: UInt64, limit: Duration, places: Places
    ) throws {
        self.file = file
        self.content = content
        self.settings = settings
        self.seed = seed
        self.limit = limit
        self.places = places
        elf = Result { () throws(MalformedELF) in try ELFFile(content) }
        // The daemon runs a private copy too: what lies beside the file is not there.
        let folder = places.scratch + "/plugin"
        let name = "plugin.so"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        copy = folder + "/" + name
        try Data(content).write(to: URL(filePath: copy))
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: copy)
        func host(_ isolation: Isolation) -> PluginHost {
            PluginHost(
                places: .init(
                    workerExecutable: places.worker, pluginDirectories: [folder], dataFolder: places.scratch + "/host",
                    settingsFolder: settings.folder),
                integrations: [
                    "plugin": .init(
                        plugin: name, pin: nil, isolation: isolation, environment: [],
                        settings: settings.values, settingsFromVariables: settings.fromVariables)
                ], environment: [:])
        }
        self.host = host(.process)
        inside = host(.inProcess)
    }

    // MARK: What it says of itself

    /// As the daemon understands it.
    func described() throws(Verdict) -> PluginDescription {
        do throws(RunFailure) {
            return try host.describe("plugin")
        } catch {
            throw .failed(inItsOwnName(error.message + (error.hint.map { " (\($0))" } ?? "")))
        }
    }

    /// Without the daemon's judgement, and each of its two functions asked twice.
    func asked() throws(Verdict) -> Recording.Description {
        let recording = try probe(ProbePlan(entry: .describe))
        if let failure = recording.loadFailure { throw .failed("it could not be loaded: \(inItsOwnName(failure))") }
        guard let description = recording.description else {
            throw .failed("its process ended while it was loaded or described: \(end(of: recording))")
        }
        return description
    }

    /// The manifest, when nothing is known to be wrong with it.
    func manifest() throws(Verdict) -> JSONValue {
        guard let bytes = try asked().answers[0].manifest else { throw .failed("integration_manifest returns NULL") }
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw .failed("its manifest is not JSON: \(error.description)")
        }
    }

    /// The settings as the plugin gets them.
    func checkedSettings() throws(Verdict) -> ValidatedSettings {
        let description = try described()
        do throws(SettingsProblems) {
            return try description.schema.validate(
                settings.values, fromVariables: settings.fromVariables, pathsRelativeTo: settings.folder)
        } catch {
            let problems = error.problems.map { $0.message + ($0.hint.map { " (\($0))" } ?? "") }
            throw .failed(problems.joined(separator: "; ") + "; give settings that fit with --settings FILE")
        }
    }

    // MARK: Running it

    /// The import that the daemon would call.
    func preferredEntry() throws(Verdict) -> ProbePlan.Entry {
        try described().capabilities.progress ? .importWithProgress : .plainImport
    }

    /// One import in a probe, changed from the ordinary by `change`.
    ///
    /// - Parameter dataFolder: nil: a fresh one.
    func importing(
        dataFolder: String? = nil, _ change: (inout ProbePlan) -> Void = { _ in }
    ) throws(Verdict) -> Recording {
        var plan = ProbePlan(entry: try preferredEntry())
        let settings = try checkedSettings()
        plan.settings = Array(settings.settings.text.utf8)
        plan.secrets = settings.secrets
        change(&plan)
        return try probe(plan, dataFolder: dataFolder)
    }

    /// The same for an import that has to succeed.
    func succeeding(
        dataFolder: String? = nil, _ change: (inout ProbePlan) -> Void = { _ in }
    ) throws(Verdict) -> Recording {
        let recording = try importing(dataFolder: dataFolder, change)
        try requireReturn(recording)
        guard recording.status == 0 else { throw .failed("its entry \(outcome(of: recording))") }
        return recording
    }

    /// What an ordinary import gives: the measure for the others.  Made once.
    func ordinaryImport() throws(Verdict) -> Recording {
        if let first = firstImports[callsInside] { return try first.get() }
        let result = Result { () throws(Verdict) in try succeeding() }
        firstImports[callsInside] = result
        return try result.get()
    }

    /// The same import through the worker and all that the daemon puts around it.
    func launch(_ change: (inout PluginCall) -> Void = { _ in }) throws(RunFailure) -> any PluginSession {
        var call = PluginCall(
            runID: RunID(), integration: "plugin", tenant: .default, options: RunOptions(), checkpoint: nil,
            deadline: nil)
        change(&call)
        let deadline = ContinuousClock.now + limit
        return try (callsInside ? inside : host).launch(call, unless: { ContinuousClock.now > deadline })
    }

    /// - Parameter dataFolder: of a probe; calls inside this process share the host's.
    func probe(_ plan: ProbePlan, dataFolder: String? = nil) throws(Verdict) -> Recording {
        if callsInside, plan.entry != .describe { return try callInside(plan) }
        let folder = try makeFolder()
        let temporary = folder + "/tmp"
        do throws(RunFailure) {
            return try ProbeProcess.run(
                places.probe,
                plan: plan.frame(
                    plugin: copy, dataFolder: dataFolder ?? folder + "/data", temporaryFolder: temporary),
                environment: [
                    "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": temporary,
                    "SWIFT_BACKTRACE": "enable=no",
                ], limit: limit)
        } catch {
            throw .failed(error.message)
        }
    }

    /// A folder for one process, with its data folder in `data`.
    func makeFolder() throws(Verdict) -> String {
        folders += 1
        let folder = "\(places.scratch)/process-\(folders)"
        for part in ["", "/data", "/tmp"] {
            guard mkdir(folder + part, 0o700) == 0 else {
                throw .failed("no folder \(folder) for the plugin: \(String(cString: strerror(errno)))")
            }
        }
        return folder
    }

    // MARK: In words

    /// Throws if the entry did not return.
    func requireReturn(_ recording: Recording) throws(Verdict) {
        if let failure = recording.loadFailure { throw .failed("it could not be loaded: \(inItsOwnName(failure))") }
        guard recording.status != nil else { throw .failed("its entry did not return: \(end(of: recording))") }
    }

    func end(of recording: Recording) -> String {
        if recording.ranOutOfTime {
            return recording.cancelledAt == nil
                ? "it took longer than \(limit / .seconds(1)) s (see --limit)"
                : "it went on for more than 2 s after it was cancelled"
        }
        return recording.exit.sentence + recording.lastWords
    }

    /// `returned TRANSIENT (network-down: The server cannot be reached.)`
    func outcome(of recording: Recording) -> String {
        let reason = recording.calls(of: PROBE_FAIL).last.map { call in
            " (\(call.text(0) ?? "no code"): \(call.text(1) ?? "no message"))"
        }
        return "returned \(Self.name(ofStatus: recording.status ?? -1))\(reason ?? "")"
    }

    static func name(ofStatus status: Int32) -> String {
        let names = [
            "OK", "CANCELLED", "INVALID_SETTINGS", "AUTH_FAILED", "TRANSIENT", "RATE_LIMITED", "PERMANENT",
            "UNSUPPORTED", "INTERNAL", "REJECTED", "TOO_LARGE", "CHECKPOINT_INVALID",
        ]
        return names.indices.contains(Int(status)) ? names[Int(status)] : "status \(status)"
    }

    /// The copy has another name than the file that a person knows.
    private func inItsOwnName(_ text: String) -> String {
        text.replacing(copy, with: file).replacing("plugin.so", with: (file as NSString).lastPathComponent)
    }
}
