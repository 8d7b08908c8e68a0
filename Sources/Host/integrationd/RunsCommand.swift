import ArgumentParser
import Client
import Core
import Terminal

/// `integrationd runs [RUN]`
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List the runs of a daemon, or show one of them.")

    @OptionGroup var server: ServerOptions
    @Option(help: "Only those of this integration.", completion: .integrations) var integration: String?
    @Option(help: "Only those in this status, such as failed; several with commas.") var status: String?
    @Option(help: "How many at most, newest first.") var limit = 20
    @Flag(help: "With a run: the documents that failed or were left out, and why.") var errors = false
    @Flag(help: "With a run: what the plugin logged and wrote.") var log = false
    @Flag(help: "One JSON object a line, as the HTTP API has it.") var json = false
    @Argument(
        help: .init("The run's id, or the name of an integration for its newest run.", valueName: "run"),
        completion: .integrations)
    var reference: String?

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit takes a number from 1 on") }
        guard reference != nil || !(errors || log) else { throw ValidationError("--errors and --log need a run") }
        guard !(errors && log) else { throw ValidationError("--errors and --log are two questions") }
    }

    func run() throws {
        let client = try server.client()
        guard let reference else { return try list(client) }
        let found = try reporting { () throws(ClientError) in try client.run(reference) }
        let path = "/runs/\(DaemonClient.escape(found.text("id")))"
        if errors { return try show(client, path + "/errors", Self.errorTable) }
        if log { return try show(client, path + "/log", Self.logTable) }
        if json { return try ListOutput.write(json: [found]) }
        try ListOutput().write(RunDetails(found).lines)
    }

    private func list(_ client: DaemonClient) throws {
        var parameters: [String] = []
        if let integration { parameters.append("integration=\(DaemonClient.escape(integration))") }
        if let status { parameters.append("status=\(DaemonClient.escape(status))") }
        let runs = try reporting { () throws(ClientError) in
            try client.list("/runs?" + parameters.joined(separator: "&"), limit: limit)
        }
        if json { return try ListOutput.write(json: runs) }
        var table = Table(
            ["run", "integration", "status", "started", "took", "imported", "failed", "by"], numbers: [4, 5, 6])
        for run in runs { table.add(RunDetails(run).cells) }
        try ListOutput().write(table)
    }

    private func show(_ client: DaemonClient, _ path: String, _ table: ([JSONValue]) -> Table) throws {
        let items = try reporting { () throws(ClientError) in try client.list(path) }
        if json { return try ListOutput.write(json: items) }
        try ListOutput().write(table(items))
    }

    private static func errorTable(_ items: [JSONValue]) -> Table {
        var table = Table(["kind", "document", "code", "message"])
        for item in items {
            let name = [item.text("collection"), item.text("id")].filter { !$0.isEmpty }.joined(separator: "/")
            table.add([
                Line(item.text("kind"), item.text("kind") == "failed" ? .bad : .plain), Line(name),
                Line(item.text("code")), Line(item.text("message")),
            ])
        }
        return table
    }

    private static func logTable(_ items: [JSONValue]) -> Table {
        var table = Table(["time", "level", "source", "message"])
        for item in items {
            let role: Line.Role =
                switch item.text("level") {
                case "error": .bad
                case "warning": .warning
                default: .plain
                }
            table.add([
                Line(item.time("time")?.local ?? "", .dim), Line(item.text("level"), role),
                Line(item.text("source"), .dim),
                Line(item.text("message")),
            ])
        }
        return table
    }
}

/// A run in words.
struct RunDetails {
    private let run: JSONValue

    init(_ run: JSONValue) { self.run = run }

    private var imported: Int64 {
        run["result"]?["totalImported"]?.integerValue
            ?? ["imported", "updated", "unchanged"].reduce(0) {
                $0 + (run["counts"]?.number($1) ?? 0)
            }
    }

    private var failed: Int64 { run["counts"]?.number("failed") ?? 0 }

    private var took: String {
        guard let start = run.time("startedAt") else { return "" }
        let end = run.time("endedAt") ?? .now
        return Words.clock(.milliseconds(max(0, end.milliseconds - start.milliseconds)))
    }

    /// Of a table.
    var cells: [Line] {
        [
            Line(run.text("id")), Line(run.text("integration"), .strong), Line(status: run.text("status")),
            Line((run.time("startedAt") ?? run.time("createdAt"))?.local ?? ""), Line(took),
            Line(Words.number(imported)),
            Line(failed == 0 ? "0" : Words.number(failed), failed == 0 ? .plain : .bad),
            Line(run.text("requestedBy")),
        ]
    }

    var lines: [Line] {
        var rows: [(String, Line)] = [
            ("run", Line(run.text("id"))), ("integration", Line(run.text("integration"), .strong)),
            ("tenant", Line("\(run.text("orgId")), \(run.text("projectId"))")),
            ("status", Line(status: run.text("status"))), ("requested by", Line(run.text("requestedBy"))),
        ]
        if let start = run.time("startedAt") { rows.append(("started", Line("\(start.local), took \(took)"))) }
        if run.number("attempt") > 1 { rows.append(("attempt", Line("\(run.number("attempt")) of 3", .warning))) }
        if let resumeAt = run.time("resumeAt") { rows.append(("resumes", Line(resumeAt.local, .warning))) }
        if !run.hasEnded, let progress = run["progress"] {
            rows.append(("now", Line(progress.text("step"), .accent).adding("  \(progress.text("message"))")))
        }
        rows += counts
        rows += ReportWords.lines(of: run["result"]).map { ("report", $0) }
        if let error = run["error"] {
            rows.append(("error", Line(error.text("code"), .bad).adding("  \(error.text("message"))")))
            if !error.text("hint").isEmpty { rows.append(("hint", Line(error.text("hint")))) }
        }
        return rows.map { name, value in
            value.spans.reduce(Line(name, .dim).padded(to: 14)) { $0.adding($1.text, $1.role) }
        }
    }

    private var counts: [(String, Line)] {
        let breakdown = run["counts"]?["collections"] ?? run["result"]?["breakdown"]
        return (breakdown?.members ?? []).sorted { $0.key < $1.key }.map { member in
            let (name, counts) = (member.key, member.value)
            let parts = ["new", "updated", "unchanged", "deleted", "failed", "skipped"].filter { counts.number($0) > 0 }
            let text = parts.map { "\(Words.number(counts.number($0))) \($0)" }.joined(separator: ", ")
            return (name, Line(text.isEmpty ? "nothing" : text))
        }
    }
}
