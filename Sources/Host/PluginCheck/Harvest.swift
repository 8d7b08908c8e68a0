package import Core
import Probe

/// The documents that an import left behind.
struct Harvest: Equatable {
    private(set) var documents: [DocumentKey: JSONValue] = [:]

    /// What the host took, the last of each id.
    init(_ recording: Recording) {
        for call in recording.calls where call.answer == 0 && !call.isLate { take(call) }
    }

    private mutating func take(_ call: Recording.HostCall) {
        guard let key = call.key else { return }
        switch call.function {
        case PROBE_UPSERT: documents[key] = call.document ?? .null
        case PROBE_REMOVE: documents[key] = nil
        default: break
        }
    }

    /// The first document of these that a later import would delete: it said that all were listed, of the collection
    /// or of the document's scope, and had neither emitted this one nor found it unchanged.  What it did not list stays.
    func lost(in later: Recording) -> DocumentKey? {
        let calls = later.calls.filter { !$0.isLate }
        let seen = Set(
            calls.filter { $0.function == PROBE_KNOWN && $0.answer == 1 }.compactMap(\.key)
                + Harvest(later).documents.keys)
        let removed = Set(calls.filter { $0.function == PROBE_REMOVE && $0.answer == 0 }.compactMap(\.key))
        let listed = calls.filter { $0.function == PROBE_COMPLETE && $0.answer == 0 }
        return documents.keys.sorted().first { key in
            guard !seen.contains(key) else { return false }
            let scope = documents[key]?["scope"]?.stringValue
            return removed.contains(key)
                || listed.contains { $0.text(0) == key.collection && ($0.text(1) == nil || $0.text(1) == scope) }
        }
    }

    /// Puts what a later import emitted over this.
    mutating func merge(_ later: Harvest) { documents.merge(later.documents) { $1 } }

    /// Sentence about the first difference to what was expected; nil if there is none.
    func difference(from expected: Harvest) -> String? {
        for key in expected.documents.keys.sorted() where documents[key] == nil {
            return "\(key.collection)/\(key.externalID) is missing"
        }
        for key in documents.keys.sorted() {
            guard let other = expected.documents[key] else { return "\(key.collection)/\(key.externalID) is new" }
            if documents[key] != other {
                return "\(key.collection)/\(key.externalID) \(Self.difference(documents[key], other))"
            }
        }
        return nil
    }

    private static func difference(_ one: JSONValue?, _ other: JSONValue) -> String {
        let name = other.members?.first { one?[$0.key] != $0.value }?.key
        return name.map { "has another \"\($0)\"" } ?? "differs"
    }
}

extension Recording.HostCall {
    /// Of a call that names a document.
    var key: DocumentKey? {
        guard let collection = text(0), let id = text(1) else { return nil }
        return DocumentKey(collection: collection, externalID: id)
    }

    /// What an upsert brought, if it is JSON.
    var document: JSONValue? {
        guard texts.count > 2, let bytes = texts[2] else { return nil }
        return try? JSONValue(parsing: bytes)  // what is no JSON is what a rule complains of
    }
}

extension DocumentKey: Comparable {
    package static func < (one: DocumentKey, other: DocumentKey) -> Bool {
        (one.collection, one.externalID) < (other.collection, other.externalID)
    }
}
