/// What an import stores. (collection, id) is its identity; everything else is optional.
public struct Document: Sendable, Hashable {
    /// Another document of the same integration.
    public struct Reference: Sendable, Hashable {
        public var collection: String
        public var id: String

        public init(collection: String, id: String) {
            self.collection = collection
            self.id = id
        }
    }

    /// `[a-z0-9_-]{1,64}`, one of the manifest's collections.
    public var collection: String
    /// The source's own identifier, at most 1 KiB.
    public var id: String
    public var title: String?
    /// Stored as it is, whatever characters it holds; at most 16 MiB with everything else.
    public var content: String?
    /// A media type: `text/markdown`, `text/plain`, ….
    public var contentType: String?
    /// Where a person reads the original.
    public var url: String?
    /// Changes whenever the document does; what `ImportCall.known` compares.
    public var revision: String?
    /// The part of the collection that this document belongs to; what `ImportCall.complete` names.
    public var scope: String?
    public var parent: Reference?
    /// The place among its siblings, from 0.
    public var position: Int?
    /// The names of what it lies in, from the outermost.
    public var path: [String] = []
    public var createdAt: Timestamp?
    public var updatedAt: Timestamp?
    public var authors: [String] = []
    /// What else the source says: names and JSON values.
    public var metadata: [JSONValue.Member] = []

    public init(collection: String, id: String) {
        self.collection = collection
        self.id = id
    }
}

extension Document {
    /// The JSON that the contract asks for; what is nil or empty is left out.
    var json: [UInt8] {
        var writer = MemberWriter(capacity: (content?.utf8.count ?? 0) + 1_024)
        writer.append("title", title)
        writer.append("content", content)
        writer.append("contentType", contentType)
        writer.append("url", url)
        writer.append("revision", revision)
        writer.append("scope", scope)
        writer.append(
            "parent", parent.map { ["collection": .string($0.collection), "id": .string($0.id)] })
        writer.append("position", position.map { JSONValue($0) })
        if !path.isEmpty { writer.append("path", .array(path.map(JSONValue.string))) }
        writer.append("createdAt", createdAt?.description)
        writer.append("updatedAt", updatedAt?.description)
        if !authors.isEmpty { writer.append("authors", .array(authors.map(JSONValue.string))) }
        if !metadata.isEmpty { writer.append("metadata", .object(metadata)) }
        return writer.finished()
    }
}

/// Writes an object member by member, straight into the bytes that are sent.
private struct MemberWriter {
    private var bytes: [UInt8] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
        bytes.append(UInt8(ascii: "{"))
    }

    mutating func append(_ name: String, _ text: String?) {
        append(name, text.map(JSONValue.string))
    }

    mutating func append(_ name: String, _ value: JSONValue?) {
        guard let value else { return }
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        JSONValue.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        value.append(to: &bytes)
    }

    consuming func finished() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
