import ArgumentParser
import Client
import Core
import Terminal

/// `integrationd documents [DOCUMENT]`
struct DocumentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "documents", abstract: "List what a daemon has imported, or print one document.")

    @OptionGroup var server: ServerOptions
    @Option(help: "Only those of this integration.", completion: .integrations) var integration: String?
    @Option(help: "Only those of this collection.") var collection: String?
    @Option(help: "What has changed since this change number, in order, deleted ones too.") var changedAfter: Int64?
    @Option(help: "How many at most.") var limit = 100
    @Flag(help: "One JSON object a line, as the HTTP API has it.") var json = false
    @Argument(help: "The document's id: its content is printed.") var document: String?

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit takes a number from 1 on") }
        guard changedAfter ?? 0 >= 0 else { throw ValidationError("--changed-after takes a number from 0 on") }
    }

    func run() throws {
        let client = try server.client()
        if let document { return try print(document, client) }
        let parameters: [(String, String?)] = [
            ("integration", integration), ("collection", collection), ("changedAfter", changedAfter.map { "\($0)" }),
        ]
        let query = parameters.compactMap { name, value in value.map { "\(name)=\(DaemonClient.escape($0))" } }
        let documents = try reporting { () throws(ClientError) in
            try client.list("/documents?" + query.joined(separator: "&"), limit: limit)
        }
        if json { return try ListOutput.write(json: documents) }
        var table = Table(["document", "integration", "collection", "synced", "title"])
        for document in documents { table.add(Self.cells(document)) }
        try ListOutput().write(table)
    }

    private static func cells(_ document: JSONValue) -> [Line] {
        let path = (document["path"]?.elements ?? []).compactMap(\.stringValue).map { "\($0) / " }.joined()
        let isDeleted = document["deletedAt"]?.stringValue != nil
        return [
            Line(document.text("id")), Line(document.text("integration")), Line(document.text("collection")),
            Line(document.time("syncedAt")?.local ?? ""),
            Line(path, .dim).adding(document.text("title"), .strong).adding(isDeleted ? "  deleted" : "", .warning),
        ]
    }

    private func print(_ id: String, _ client: DaemonClient) throws {
        let path = "/documents/\(DaemonClient.escape(id))"
        let text = try reporting { () throws(ClientError) in
            try client.send("GET", json ? path : path + "?format=markdown").text
        }
        // A terminal is not driven by what someone wrote into a document; a file gets it as it is.
        let shown =
            TerminalSize.current == nil
            ? text
            : text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { String($0).printable }.joined(separator: "\n")
        try StandardOutput.write(shown.hasSuffix("\n") ? shown : shown + "\n")
    }
}
