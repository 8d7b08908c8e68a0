import ArgumentParser
import Hummingbird
import Logging

/// A local ClickUp: the routes an importer reads, over a workspace made from a seed.
@main
struct ClickUpSimulator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clickup-simulator",
        abstract: "A local ClickUp for demonstrations, tests and benchmarks.")

    @Option(help: "Port on 127.0.0.1; 0 takes any free one.")
    var port = 0

    @Option(help: "Docs in the workspace.")
    var docs = 15

    @Option(help: "Spaces in the workspace.")
    var spaces = 3

    @Option(help: "Pages in a doc, on average.")
    var pagesPerDoc = 3

    @Option(help: "Content of a page in bytes, roughly; without it, what reads well.")
    var pageBytes: Int?

    @Option(help: "Tasks in the workspace.")
    var tasks = 40

    @Option(help: "Description of a task in bytes, roughly; without it, what reads well.")
    var taskBytes: Int?

    @Option(help: "Comments of a task, on average.")
    var comments = 2

    @Option(help: "How many tasks were created in the same millisecond.")
    var taskTies = 1

    @Option(help: "Another number gives other texts and shapes.")
    var seed = 1

    @Option(help: "Pause before every answer, such as 50ms or 1.5s.")
    var latency = Span(milliseconds: 0)

    @Option(help: "The personal token that is accepted.")
    var token = "pk_demo"

    @Option(help: "Id of the only workspace.")
    var workspace = 9_001_234

    @Option(help: "Requests per window.")
    var rateLimit = 1000

    @Option(help: "JSON with options, docs and faults to begin with.")
    var script: String?

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be between 0 and 65535.") }
        guard (0...1_000_000).contains(docs) else { throw ValidationError("--docs must be between 0 and 1000000.") }
        guard (0...1000).contains(spaces) else { throw ValidationError("--spaces must be between 0 and 1000.") }
        guard (1...10_000).contains(pagesPerDoc) else {
            throw ValidationError("--pages-per-doc must be between 1 and 10000.")
        }
        guard (0...64 << 20).contains(pageBytes ?? 0) else {
            throw ValidationError("--page-bytes must be between 0 and 67108864.")
        }
        guard (0...1_000_000).contains(tasks) else { throw ValidationError("--tasks must be between 0 and 1000000.") }
        guard (0...1 << 20).contains(taskBytes ?? 0) else {
            throw ValidationError("--task-bytes must be between 0 and 1048576.")
        }
        guard (0...10_000).contains(comments) else {
            throw ValidationError("--comments must be between 0 and 10000.")
        }
        guard (1...1_000_000).contains(taskTies) else {
            throw ValidationError("--task-ties must be between 1 and 1000000.")
        }
        guard workspace > 0 else { throw ValidationError("--workspace must be a positive number.") }
        guard rateLimit > 0 else { throw ValidationError("--rate-limit must be a positive number.") }
    }

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let simulator = Simulator(
            workspace: Workspace(
                id: workspace, spaces: spaces, docs: docs, pagesPerDoc: pagesPerDoc, pageBytes: pageBytes,
                seed: seed),
            token: token,
            options: Options(latency: latency, rateLimit: rateLimit),
            sizes: TaskSizes(tasks: tasks, bytes: taskBytes, comments: comments, ties: taskTies))
        if let script {
            try Script.read(from: script).run(on: simulator)
        }
        try await buildApplication(simulator, port: port).runService()
    }
}

extension Span: ExpressibleByArgument {
    init?(argument: String) {
        self.init(text: argument)
    }

    var defaultValueDescription: String { "\(Int(milliseconds))ms" }
}
