import Core

/// The JSON of each kind of event.  The order of the keys is part of what clients see.
enum EventBody {
    /// `{"step","message","count"?,"total"?,"percent"?,"etaSeconds"?,…,"type","runId","seq"}`
    static func progress(
        _ progress: RunProgress, extra: [JSONValue.Member] = [], run: RunID, sequence: Int64
    ) -> JSONValue {
        var bytes: [UInt8] = []
        write(progress, extra: extra, run: run, sequence: sequence, to: &bytes)
        return .raw(String(decoding: bytes, as: UTF8.self))
    }

    /// The same as text: of all bodies this one is made thousands of times a second.
    static func write(
        _ progress: RunProgress, extra: [JSONValue.Member], run: RunID, sequence: Int64, to bytes: inout [UInt8]
    ) {
        JSONObjectWriter.write(to: &bytes) { object in
            object.put("step", progress.step)
            object.put("message", progress.message)
            if let count = progress.count { object.put("count", count) }
            if let total = progress.total { object.put("total", total) }
            if let percent = progress.percent { object.put("percent", percent) }
            if let seconds = progress.etaSeconds { object.put("etaSeconds", seconds) }
            for member in extra { object.put(member) }
            object.put("type", "progress")
            object.put("runId", run.description)
            object.put("seq", sequence)
        }
    }

    /// A failed document, as progress of step `document_failed`.
    static func failedDocument(_ report: ReportedDocument, run: RunID, sequence: Int64) -> JSONValue {
        var extra: [JSONValue.Member] = []
        if let collection = report.collection { extra.append(.init("collection", .string(collection))) }
        if let id = report.externalID { extra.append(.init("documentId", .string(id))) }
        extra.append(.init("code", .string(report.code)))
        return progress(
            RunProgress(step: "document_failed", message: report.message), extra: extra, run: run,
            sequence: sequence)
    }

    static func complete(_ run: Run, sequence: Int64) -> JSONValue {
        .object(
            [
                .init("success", true), .init("result", run.result ?? .null),
                .init("status", .string(run.status.rawValue)),
            ] + tail("complete", run.id, sequence))
    }

    static func error(_ failure: RunFailure, _ run: Run, sequence: Int64) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("error", .string(failure.message)), .init("code", .string(failure.code.rawValue)),
            .init("retryable", .bool(failure.isRetryable)),
        ]
        if let hint = failure.hint { members.append(.init("hint", .string(hint))) }
        members.append(.init("status", .string(run.status.rawValue)))
        if let result = run.result { members.append(.init("result", result)) }
        return .object(members + tail("error", run.id, sequence))
    }

    /// `type` tells an event of ours from one that a browser fires by itself.
    private static func tail(_ type: String, _ run: RunID, _ sequence: Int64) -> [JSONValue.Member] {
        [
            .init("type", .string(type)), .init("runId", .string(run.description)),
            .init("seq", .integer(sequence)),
        ]
    }

    /// What was not imported, and why.
    private static func line(_ line: ReportLine) -> JSONValue {
        var members: [JSONValue.Member] = [.init("kind", .string(line.kind.rawValue))]
        if let collection = line.collection { members.append(.init("collection", .string(collection))) }
        members += [
            .init("code", .string(line.code)), .init("count", .integer(line.count)),
            .init("message", .string(line.sentence)),
        ]
        return .object(members)
    }

    /// What an import brought, for the `complete` event and the run.
    static func result(
        _ counts: ImportCounts, report: [ReportLine], duration: Duration, at end: Timestamp
    ) -> JSONValue {
        let total = counts.total
        return [
            "totalImported": .integer(Int64(total.imported)),
            "totalFailed": .integer(Int64(total.failed)),
            "durationMs": .integer(duration.wholeMilliseconds),
            "breakdown": counts.breakdown,
            "report": .array(report.map(line)),
            "completedAt": .string(end.description),
        ]
    }
}
