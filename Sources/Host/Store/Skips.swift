import Core
import GRDB

/// Why documents of a collection were left out.
struct SkipReason: Hashable {
    var collection: String
    var code: String
}

/// What a run's report keeps of documents that were left out for one reason: the first of them by name, and how
/// many more there are.  A source may have any number of them, in each run.
struct Skips {
    static let mostRows = 100

    var rows = 0
    var ids: Set<String> = []
    /// The entry that counts those that have none of their own.
    var last: Int64 = 0

    mutating func add(_ id: String?, at ordinal: Int64) {
        rows += 1
        if let id { ids.insert(id) }
        last = max(last, ordinal)
    }
}

/// Where a document that was left out goes in the report.
enum SkipPlace {
    case row(Int64)
    /// With the entry of this number.
    case countedWith(Int64)
}

extension ImportTransaction {
    mutating func skip(_ report: ReportedDocument, in collection: String) throws {
        if state.hasStaleSkips {
            try db.perform("DELETE FROM run_reports WHERE run_id = ? AND kind = 'skipped'", [run.id.description])
            state.hasStaleSkips = false
        }
        let reason = SkipReason(collection: collection, code: report.code)
        switch state.skip(report.externalID, in: reason) {
        case nil: return
        case .row(let ordinal): try ReportRecord.insert(report, ordinal: ordinal, of: run.id, db)
        case .countedWith(let ordinal):
            try db.perform(
                "UPDATE run_reports SET count = count + 1 WHERE run_id = ? AND ordinal = ?",
                [run.id.description, ordinal])
        }
    }
}
