import Core
import Foundation
import Synchronization
import Testing

@testable import PluginHost

/// A folder of a test, gone when the last reference to it is.
final class TestFolder: Sendable {
    let path: String

    init() {
        var template = Array((NSTemporaryDirectory() + "/plugin-host-tests-XXXXXX").utf8CString)
        precondition(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }  // the system cleans up what stays

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        return file(name)
    }
}

/// The plugins of Tests/Fixtures/Plugins, compiled when a test first asks for one.
enum Fixtures {
    /// Where the compiled ones are.
    static let folder = TestFolder()
    private static let compiled = Mutex<Set<String>>([])

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The file name of a fixture, in `folder`.
    static func plugin(_ name: String) throws -> String {
        try compiled.withLock { compiled in
            if compiled.insert(name).inserted {
                try compile(root.appending(path: "Tests/Fixtures/Plugins/\(name).c").path)
            }
        }
        return name + ".so"
    }

    private static func compile(_ source: String) throws {
        let name = URL(filePath: source).deletingPathExtension().lastPathComponent
        let include = root.appending(path: "Sources/PluginABI/include").path
        _ = try output(
            of: "/usr/bin/cc",
            ["-std=c11", "-shared", "-fPIC", "-I", include, "-o", folder.file(name + ".so"), source, "-lpthread"])
    }

    /// What a program prints; throws when it fails.
    static func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        struct Failed: Error { var command: [String] }
        guard process.terminationStatus == 0 else { throw Failed(command: [program] + arguments) }
        return String(decoding: output, as: UTF8.self)
    }

    /// The worker that was built beside the tests.
    static let worker: String = {
        // Without a name the worker is not found, and the tests say so.
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "integrationd-worker").path
    }()
}

/// One call of a fixture and all that it said.
struct Transcript: Sendable {
    var messages: [PluginMessage] = []
    var exit: PluginExit
    var returned: PluginStatus?
    /// An `end` that had to be forced by the test's own deadline.
    var ranOutOfTime = false

    var documents: [DocumentDraft] { messages.compactMap { if case .upsert(let draft) = $0 { draft } else { nil } } }
    var ids: [String] { documents.map(\.key.externalID) }
    func document(_ id: String) -> DocumentDraft? { documents.last { $0.key.externalID == id } }

    var progress: [(step: String, message: String?, count: Int64?)] {
        messages.compactMap {
            if case .progress(let step, let message, let count, _) = $0 { (step, message, count) } else { nil }
        }
    }

    func lines(isError: Bool) -> [String] {
        messages.compactMap { if case .output(let line, isError) = $0 { line } else { nil } }
    }

    var logs: [String] {
        messages.compactMap { if case .log(_, let text, let fields) = $0 { text + (fields ?? "") } else { nil } }
    }
    var checkpoints: [[UInt8]?] { messages.compactMap { if case .checkpoint(let bytes) = $0 { bytes } else { nil } } }
    var reports: [ReportedDocument] { messages.compactMap { if case .report(let report) = $0 { report } else { nil } } }

    var failure: (code: String, message: String)? {
        for case .fail(let code, let message, _) in messages.reversed() { return (code, message) }
        return nil
    }
}

/// Runs fixtures as the daemon would.
final class Stage: Sendable {
    let folder = TestFolder()

    /// What a test does when the plugin has said something.
    typealias Reaction = @Sendable (PluginMessage, any PluginSession) -> Void

    func host(
        _ plugin: String, settings: JSONValue = [:], isolation: Isolation = .process, passing names: [String] = [],
        environment: [String: String] = [:]
    ) -> PluginHost {
        PluginHost(
            places: .init(
                workerExecutable: Fixtures.worker, pluginDirectories: [Fixtures.folder.path],
                dataFolder: folder.path, settingsFolder: folder.path),
            integrations: [
                "test": .init(
                    plugin: plugin, pin: nil, isolation: isolation, environment: names,
                    settings: settings, settingsFromVariables: [])
            ], environment: environment)
    }

    func run(
        _ fixture: String, settings: JSONValue = [:], isolation: Isolation = .process, checkpoint: [UInt8]? = nil,
        within limit: Duration = .seconds(30), _ reaction: @escaping Reaction = { _, _ in }
    ) async throws -> Transcript {
        let host = host(try Fixtures.plugin(fixture), settings: settings, isolation: isolation)
        return try await run(host, checkpoint: checkpoint, within: limit, reaction)
    }

    /// On a thread of its own, since a worker dies with the thread that started it.
    func run(
        _ host: PluginHost, checkpoint: [UInt8]? = nil, within limit: Duration = .seconds(30),
        _ reaction: @escaping Reaction = { _, _ in }
    ) async throws -> Transcript {
        try await withCheckedThrowingContinuation { continuation in
            OwnThread.start(name: "test") {
                continuation.resume(
                    with: Result {
                        try Self.attend(
                            try host.launch(Self.call(checkpoint), unless: { false }), within: limit, reaction)
                    })
            }
        }
    }

    private static func call(_ checkpoint: [UInt8]?) -> PluginCall {
        PluginCall(
            runID: RunID(), integration: "test", tenant: .default, options: RunOptions(), checkpoint: checkpoint,
            deadline: nil)
    }

    /// Listens until nothing more comes.
    private static func attend(
        _ session: any PluginSession, within limit: Duration, _ reaction: Reaction
    ) throws -> Transcript {
        var transcript = Transcript(exit: PluginExit(cause: .inProcess, lastErrorLines: []))
        let deadline = ContinuousClock.now + limit
        do {
            listening: while true {
                switch try session.next(until: deadline) {
                case .said(let message):
                    transcript.messages.append(message)
                    if case .returned(let status) = message { transcript.returned = status }
                    reaction(message, session)
                case .woken: continue
                case .deadlinePassed:
                    transcript.ranOutOfTime = true
                    _ = session.kill()
                    break listening
                case .ended: break listening
                }
            }
        } catch {
            _ = session.end()
            throw error
        }
        transcript.exit = session.end()
        return transcript
    }
}
