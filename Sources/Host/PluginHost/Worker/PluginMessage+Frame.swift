import Core
import PluginABI
import Worker

extension PluginMessage {
    /// Understands one frame of the worker.
    init(type: UInt8, payload: UnsafeRawBufferPointer) throws(MalformedFrame) {
        var reader = FrameReader(payload)
        switch frame_type(rawValue: UInt32(type)) {
        case FRAME_ENTERED:
            let symbol = try reader.integer(UInt32.self)
            self = .entered(reportsProgress: symbol == FRAME_SYMBOL_IMPORT_PROGRESS.rawValue)
        case FRAME_DESCRIPTION:
            let version = try reader.integer(UInt32.self)
            let symbols = try reader.integer(UInt32.self)
            self = .described(
                abiVersion: version, symbols: symbols, manifest: try reader.text())
        case FRAME_REFUSED: self = try .refused(from: &reader)
        case FRAME_CONTAINED: self = .contained(Containment(try reader.integer(UInt32.self)))
        case FRAME_LOAD_FAILED: self = .loadFailed(try reader.text())
        case FRAME_RETURNED: self = .returned(PluginStatus(code: try reader.integer(Int32.self)))
        case FRAME_PROGRESS: self = try .progress(from: &reader)
        case FRAME_LOG: self = try .log(from: &reader)
        case FRAME_UPSERT: self = .upsert(try Self.draft(from: &reader))
        case FRAME_KNOWN:
            let question = try reader.integer(UInt32.self)
            let key = try Self.key(from: &reader)
            self = .known(question: question, key, revision: try reader.text())
        case FRAME_COMPLETE:
            let collection = try Self.collection(from: &reader)
            self = .complete(collection: collection, scope: try reader.optionalText())
        case FRAME_REPORT: self = .report(try Self.report(from: &reader))
        case FRAME_WAITING:
            let until = try reader.integer(Int64.self)
            self = .waiting(
                until: until > 0 ? Timestamp(milliseconds: until) : nil, reason: try reader.text())
        case FRAME_REMOVE: self = .remove(try Self.key(from: &reader))
        case FRAME_CHECKPOINT:
            let data = try reader.data()
            self = .checkpoint(data.isEmpty ? nil : [UInt8](data))
        case FRAME_FAIL: self = try .fail(from: &reader)
        case FRAME_REPLY:
            let contentType = try reader.text()
            self = .reply(contentType: contentType, body: [UInt8](try reader.data()))
        case FRAME_RESERVE:
            let question = try reader.integer(UInt32.self)
            let account = try reader.text()
            self = .reserve(
                question: question, account: account, cost: try reader.integer(Int64.self))
        case FRAME_RELEASE:
            let account = try reader.text()
            self = .release(account: account, cost: try reader.integer(Int64.self))
        case FRAME_OBSERVE:
            let account = try reader.text()
            let limit = try reader.optionalCount()
            let remaining = try reader.optionalCount()
            self = .observe(
                account: account, limit: limit, remaining: remaining,
                reset: try reader.optionalCount().map(Timestamp.init(milliseconds:)))
        case FRAME_LOST:
            let lines = try reader.integer(UInt64.self)
            self = .lost(logLines: lines, reports: try reader.integer(UInt64.self))
        default: throw MalformedFrame(reason: "unknown type \(type)")
        }
        try reader.finish()
    }

    private static func progress(from reader: inout FrameReader) throws(MalformedFrame) -> Self {
        let step = try reader.text()
        let message = try reader.optionalText()
        let count = try reader.optionalCount()
        return .progress(
            step: step, message: message, count: count, total: try reader.optionalCount())
    }

    private static func refused(from reader: inout FrameReader) throws(MalformedFrame) -> Self {
        let isTooLarge = try reader.integer(Int32.self) == INTEGRATION_TOO_LARGE
        let bytes = try reader.integer(Int64.self)
        return .refused(
            ReportedDocument(
                kind: .failed, collection: try reader.optionalText(), externalID: try reader.optionalText(),
                code: isTooLarge ? "document-too-large" : "document-rejected",
                message: isTooLarge
                    ? "The document has \(bytes) bytes, and 16 MiB is the limit."
                    : "The plugin gave no JSON object, or no id of 1 to 1,024 bytes in a collection."))
    }

    private static func log(from reader: inout FrameReader) throws(MalformedFrame) -> Self {
        let level = PluginLogLevel(rawValue: try reader.integer(UInt32.self)) ?? .info
        let message = try reader.text()
        return .log(level: level, message: message, fields: try reader.optionalText())
    }

    private static func fail(from reader: inout FrameReader) throws(MalformedFrame) -> Self {
        let code = try reader.text()
        let message = try reader.text()
        _ = try reader.optionalText()  // details: for a person's log, not shown yet
        let retryAfter = try reader.integer(Int64.self)
        return .fail(
            code: code, message: message,
            retryAfter: retryAfter > 0 ? .milliseconds(min(retryAfter, 86_400_000)) : nil)
    }

    private static func report(
        from reader: inout FrameReader
    ) throws(MalformedFrame) -> ReportedDocument {
        let kind: ReportedDocument.Kind =
            switch try reader.integer(Int32.self) {
            case INTEGRATION_REPORT_FAILED: .failed
            case INTEGRATION_REPORT_SKIPPED: .skipped
            default: .note
            }
        let collection = try reader.optionalText()
        let externalID = try reader.optionalText()
        let code = try reader.text()
        return ReportedDocument(
            kind: kind, collection: collection, externalID: externalID, code: code,
            message: try reader.text())
    }

    private static func draft(from reader: inout FrameReader) throws(MalformedFrame) -> DocumentDraft {
        let key = try key(from: &reader)
        guard let draft = DocumentDraft(key: key, json: try reader.data()) else {
            throw MalformedFrame(reason: "document \(key.collection)/\(key.externalID) is not a JSON object")
        }
        return draft
    }

    private static func key(from reader: inout FrameReader) throws(MalformedFrame) -> DocumentKey {
        let collection = try collection(from: &reader)
        let id = try reader.text()
        guard (1...4096).contains(id.utf8.count) else {
            throw MalformedFrame(reason: "an id of \(id.utf8.count) bytes")
        }
        return DocumentKey(collection: collection, externalID: id)
    }

    private static func collection(from reader: inout FrameReader) throws(MalformedFrame) -> String {
        let name = try reader.text()
        let isWellFormed =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isWellFormed else { throw MalformedFrame(reason: "a collection with a strange name") }
        return name
    }
}

extension Containment {
    /// The bits of `frame_containment`.
    init(_ bits: UInt32) {
        func has(_ measure: frame_containment) -> Bool { bits & measure.rawValue != 0 }
        self.init()
        noNewPrivileges = has(FRAME_CONTAINMENT_PRIVILEGES)
        noCapabilities = has(FRAME_CONTAINMENT_CAPABILITIES)
        landlockFiles = has(FRAME_CONTAINMENT_FILES)
        landlockPorts = has(FRAME_CONTAINMENT_PORTS)
        landlockSignals = has(FRAME_CONTAINMENT_SIGNALS)
        seccomp = has(FRAME_CONTAINMENT_SYSTEM_CALLS)
    }
}

extension PluginStatus {
    init(code: Int32) {
        self =
            switch code {
            case INTEGRATION_OK: .ok
            case INTEGRATION_CANCELLED: .cancelled
            case INTEGRATION_INVALID_SETTINGS: .invalidSettings
            case INTEGRATION_AUTH_FAILED: .authenticationFailed
            case INTEGRATION_TRANSIENT: .transient
            case INTEGRATION_RATE_LIMITED: .rateLimited
            case INTEGRATION_PERMANENT: .permanent
            case INTEGRATION_UNSUPPORTED: .unsupported
            case INTEGRATION_CHECKPOINT_INVALID: .checkpointInvalid
            default: .internal
            }
    }
}
