import Core
import Foundation

/// Shows what a plugin says while `plugin run` runs it.
struct PluginRunDisplay {
    let isJSON: Bool
    let showsDocuments: Bool
    private let began = ContinuousClock.now
    private var counts: [String: Int] = [:]
    private var explanation: (code: String, message: String)?
    private(set) var lastCheckpoint: [UInt8]?

    init(isJSON: Bool, showsDocuments: Bool) {
        self.isJSON = isJSON
        self.showsDocuments = showsDocuments
    }

    mutating func show(_ message: PluginMessage) throws {
        switch message {
        case .upsert(let draft):
            counts["documents", default: 0] += 1
            guard showsDocuments else { return }
            let type = isJSON ? [JSONValue.Member("type", "document")] : []
            try StandardOutput.write(JSONValue.object(type + (draft.json.members ?? [])).text + "\n")
        case .progress(let step, let text, let count, let total):
            let numbers = [count, total].compactMap { $0.map(String.init) }.joined(separator: "/")
            try say(
                "progress",
                [
                    "step": .string(step), "message": text.map { .string($0) } ?? .null,
                    "count": count.map { .integer($0) } ?? .null, "total": total.map { .integer($0) } ?? .null,
                ],
                "\(step): " + [text ?? "", numbers].filter { !$0.isEmpty }.joined(separator: " "))
        case .log(let level, let text, _): try say("log", ["message": .string(text)], "log (\(level)): \(text)")
        case .output(let line, let isError):
            try say("output", ["line": .string(line)], "\(isError ? "stderr" : "stdout"): \(line)")
        case .report(let report), .refused(let report):
            counts["\(report.kind)", default: 0] += 1
            try say(
                "report",
                [
                    "kind": .string("\(report.kind)"), "id": report.externalID.map { .string($0) } ?? .null,
                    "code": .string(report.code), "message": .string(report.message),
                ],
                "\(report.kind) \(report.collection ?? "")/\(report.externalID ?? ""): \(report.message) (\(report.code))"
            )
        case .remove(let key):
            try say(
                "remove", ["collection": .string(key.collection), "id": .string(key.externalID)],
                "remove \(key.collection)/\(key.externalID)")
        case .complete(let collection, let scope):
            try say(
                "complete", ["collection": .string(collection)],
                "complete: \(collection)" + (scope.map { " \($0)" } ?? ""))
        case .checkpoint(let bytes):
            lastCheckpoint = bytes ?? []
            try say(
                "checkpoint", ["size": .integer(Int64(bytes?.count ?? 0))], "checkpoint of \(bytes?.count ?? 0) bytes")
        case .waiting(let until, let reason):
            try say(
                "waiting", ["reason": .string(reason)], "waits\(until.map { " until \($0)" } ?? " no more"): \(reason)")
        case .fail(let code, let text, _): explanation = (code, text)
        case .loadFailed(let reason): explanation = ("plugin-unavailable", reason)
        case .lost(let lines, let reports):
            try say(
                "lost", ["logLines": .integer(Int64(clamping: lines))],
                "\(lines) log lines and \(reports) reports were dropped")
        default: break
        }
    }

    private func say(_ type: String, _ body: JSONValue, _ line: String) throws {
        guard isJSON else { return StandardError.write(line.printable) }
        let members = [JSONValue.Member("type", .string(type))] + (body.members ?? [])
        try StandardOutput.write(JSONValue.object(members).text + "\n")
    }

    /// The last line; false if the import did not succeed.
    func conclude(_ status: PluginStatus?, _ exit: PluginExit) -> Bool {
        let imported = "\(counts["documents"] ?? 0) documents"
        guard let status else {
            StandardError.write("error: after \(imported) \(exit.sentence)" + (exit.quotation.map { "\n\($0)" } ?? ""))
            return false
        }
        if status == .ok {
            let seconds = String(format: "%.3f", began.duration(to: .now) / .seconds(1))
            StandardError.write("ok: \(imported) in \(seconds) s")
            return true
        }
        let reason = explanation.map { ": \($0.message) (\($0.code))" } ?? ""
        StandardError.write("error: after \(imported) it returned \(status)\(reason)".printable)
        return false
    }
}
