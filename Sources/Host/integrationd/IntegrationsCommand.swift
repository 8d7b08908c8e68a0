import ArgumentParser
import Client
import Core
import Terminal

/// `integrationd integrations`
struct IntegrationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrations", abstract: "List the integrations of a daemon and how they are.")

    @OptionGroup var server: ServerOptions
    @Flag(help: "One JSON object a line, as the HTTP API has it.") var json = false

    func run() throws {
        let client = try server.client()
        let items = try reporting { () throws(ClientError) in try client.list("/integrations") }
        if json { return try ListOutput.write(json: items) }
        var table = Table(["integration", "plugin", "last run", "when", "imported"], numbers: [4])
        for item in items { table.add(Self.cells(item)) }
        try ListOutput().write(table)
        try ListOutput().write(items.flatMap(Self.troubles))
    }

    private static func cells(_ item: JSONValue) -> [Line] {
        let run = item["lastRun"]?["id"] == nil ? nil : item["lastRun"]
        let isEnabled = item["enabled"]?.boolValue ?? true
        let plugin =
            item["plugin"]?["id"]?.stringValue.map { Line("\($0) \(item["plugin"]?.text("version") ?? "")") }
            ?? Line("cannot be loaded", .bad)
        return [
            Line(item.text("name"), .strong).adding(isEnabled ? "" : " (off)", .dim), plugin,
            run.map { Line(status: $0.text("status")) } ?? Line("never", .dim),
            Line((run?.time("endedAt") ?? run?.time("createdAt"))?.local ?? ""),
            Line((run?["result"]?["totalImported"]?.integerValue).map(Words.number) ?? ""),
        ]
    }

    /// What someone has to do something about.
    private static func troubles(_ item: JSONValue) -> [Line] {
        var lines: [Line] = []
        if let error = item["pluginError"], error["code"] != nil {
            lines.append(Line("\(item.text("name")): ", .bad).adding(error.text("message")))
            if !error.text("hint").isEmpty { lines.append(Line("  hint: ", .accent).adding(error.text("hint"))) }
        }
        if let quarantine = item["quarantine"], quarantine.members != nil {
            let until = quarantine.time("nextTry")
            lines.append(
                Line("\(item.text("name")): in quarantine", .bad)
                    .adding(until.map { " until \($0.local)" } ?? "").adding(": \(quarantine.text("reason"))"))
            lines.append(
                Line("  hint: ", .accent).adding("integrationd plugin retry \(item.text("name")) ends it."))
        }
        return lines
    }
}
