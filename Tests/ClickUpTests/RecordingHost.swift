import PluginKit
import Synchronization

/// A host in memory: keeps what it is told as lines.
final class RecordingHost: HostServices {
    struct Record {
        var lines: [String] = []
        var documents: [String: JSONValue] = [:]
        var refused: [String: PluginError.Status] = [:]
        var isCancelled = false
        /// Collection/id and revision, as a store would know them.
        var revisions: [String: String] = [:]
        var checkpoint: [UInt8]?
        /// Those that narrowed runs have for themselves.
        var ownCheckpoints: [String: [UInt8]] = [:]
        /// The narrowed run that was called last; nil: it was another.
        var narrowedRun: String?
        /// Of reports, the sentences.
        var sentences: [String] = []
        /// All that were offered.
        var checkpoints: [[UInt8]] = []
    }

    let record = Mutex(Record())
    let secrets: [String: String?]

    init(token: String? = "pk_secret") { secrets = ["api_token": token] }
    init(secrets: [String: String?]) { self.secrets = secrets }

    private func add(_ line: String) { record.withLock { $0.lines.append(line) } }

    var lines: [String] { record.withLock { $0.lines } }
    /// What went wrong, by the report.
    var failures: [String] { lines("report failed") }
    func lines(_ prefix: String) -> [String] { lines.filter { $0.hasPrefix(prefix) } }
    subscript(key: String) -> JSONValue? { record.withLock { $0.documents[key] } }

    /// - Parameter settings: docs and their spaces alone, unless said otherwise.
    func call(
        _ settings: String = #"{"workspace_id":"9","collections":["spaces","docs","pages"]}"#, full: Bool = false,
        narrowed: Bool = false, run: String = "run-1", folder: String = ""
    ) -> ImportCall {
        var options = ImportCall.Options()
        options.runID = run
        options.checkpoint = record.withLock { record in
            record.narrowedRun = narrowed ? run : nil
            return full ? nil : narrowed ? record.ownCheckpoints[run] : record.checkpoint
        }
        options.settings = Array(settings.utf8)
        options.isFullRefresh = full
        options.isNarrowed = narrowed
        options.dataFolder = folder
        return ImportCall(options: options, host: self)
    }

    var isCancelled: Bool { record.withLock { $0.isCancelled } }

    func log(_ level: LogLevel, _ message: String, fields: [String: String]) {
        add("log \(message)")
    }

    func progress(step: String, message: String?, count: Int64?, total: Int64?) {
        add(
            "progress \(step): \(message ?? "") \(count.map(String.init) ?? "-")/\(total.map(String.init) ?? "-")"
        )
    }

    func upsert(collection: String, id: String, json: [UInt8]) throws {
        let value = try JSONValue(parsing: json)
        let key = "\(collection)/\(id)"
        add("upsert \(key)")
        try record.withLock { record in
            if let status = record.refused[key] {
                throw PluginError(status, code: "payload-too-large", message: "no")
            }
            record.documents[key] = value
            record.revisions[key] = value["revision"]?.string
        }
    }

    func remove(collection: String, id: String) throws {
        add("remove \(collection)/\(id)")
        record.withLock { $0.documents["\(collection)/\(id)"] = nil }
    }

    func known(collection: String, id: String, revision: String) throws -> Bool {
        add("known \(collection)/\(id)")
        return record.withLock { $0.revisions["\(collection)/\(id)"] == revision }
    }

    func complete(collection: String, scope: String?) throws {
        add("complete \(collection) \(scope ?? "*")")
    }

    func report(_ kind: ReportKind, collection: String?, id: String?, code: String, message: String) {
        add("report \(kind) \(collection ?? "-")/\(id ?? "-") \(code)")
        record.withLock { $0.sentences.append(message) }
    }

    func waiting(until: Timestamp?, reason: String) {
        add("waiting \(until.map { "\($0.milliseconds)" } ?? "over")")
    }

    func offerCheckpoint(_ bytes: [UInt8]) throws {
        record.withLock {
            if let run = $0.narrowedRun { return $0.ownCheckpoints[run] = bytes }
            $0.checkpoint = bytes
            $0.checkpoints.append(bytes)
        }
    }

    func secret(_ name: String) -> String? { secrets[name] ?? nil }
}
