import Core
import Crypto
import Worker

extension DocumentDraft {
    /// Reads a document as a plugin emits it; nil when the bytes are not one JSON object.
    ///
    /// Known keys with a value of the wrong type, and all unknown keys, are kept in `metadata`.
    init?(key: DocumentKey, json: UnsafeRawBufferPointer) {
        let text = json.bindMemory(to: CChar.self)
        guard let start = text.baseAddress, json_is_object(start, text.count) else { return nil }
        self.init(key: key)
        var metadata: [(key: String, value: json_slice)] = []
        var members = json_members(start, text.count)
        var name = json_slice()
        var value = json_slice()
        while json_next_member(&members, &name, &value) {
            let name = name.unescaped
            if !take(name, value) { metadata.append((name, value)) }
        }
        self.metadata = Self.merge(metadata)
        contentHash = hash()
    }

    /// Whether the key is one that the host knows, with a value that fits.
    private mutating func take(_ name: String, _ value: json_slice) -> Bool {
        if value.isNull { return name != "metadata" && Self.knownKeys.contains(name) }
        switch name {
        case "title": return set(\.title, value.string)
        case "content": return set(\.content, value.string)
        case "contentType": return set(\.contentType, value.string)
        case "url": return set(\.url, value.string)
        case "revision": return set(\.revision, value.string)
        case "scope": return set(\.scope, value.string)
        case "createdAt": return set(\.createdAt, value.string)
        case "updatedAt": return set(\.updatedAt, value.string)
        case "position": return set(\.position, value.json?.number)
        case "parent": return set(\.parent, value.json.flatMap(Self.parent))
        case "path": return set(\.path, value.json?.elements?.compactMap(\.stringValue))
        case "authors":
            return set(\.authors, value.starts(with: "[") ? value.source : nil)
        default: return false
        }
    }

    private static let knownKeys: Set = [
        "title", "content", "contentType", "url", "revision", "scope", "createdAt", "updatedAt",
        "position", "parent", "path", "authors",
    ]

    private mutating func set<Value>(_ field: WritableKeyPath<Self, Value>, _ value: Value?) -> Bool {
        guard let value else { return false }
        self[keyPath: field] = value
        return true
    }

    private mutating func set<Value>(_ field: WritableKeyPath<Self, Value?>, _ value: Value?) -> Bool {
        guard let value else { return false }
        self[keyPath: field] = value
        return true
    }

    private static func parent(_ value: JSONValue) -> DocumentKey? {
        guard let collection = value["collection"]?.stringValue, let id = value["id"]?.stringValue
        else { return nil }
        return DocumentKey(collection: collection, externalID: id)
    }

    /// One object out of the plugin's own `metadata` and the keys beside it, text by text.
    private static func merge(_ members: [(key: String, value: json_slice)]) -> String {
        if let only = members.first, members.count == 1, only.key == "metadata",
            only.value.starts(with: "{")
        {
            return only.value.source
        }
        var merged: [JSONValue.Member] = []
        for member in members {
            if member.key == "metadata", member.value.starts(with: "{") {
                merged += member.value.members.map { .init($0.key, .raw($0.value.source)) }
            } else if !(member.key == "metadata" && member.value.isNull) {
                merged.append(.init(member.key, .raw(member.value.source)))
            }
        }
        return JSONValue.object(merged).text
    }

    /// Hex SHA-256 of everything that makes the document what it is.  Each field is preceded by
    /// its size, so that no two documents give the same bytes.
    private func hash() -> String {
        var hasher = SHA256()
        func add(_ text: String?) {
            guard var bytes = text else {
                return withUnsafeBytes(of: UInt64.max) { hasher.update(bufferPointer: $0) }
            }
            bytes.withUTF8 { bytes in
                withUnsafeBytes(of: UInt64(bytes.count)) { hasher.update(bufferPointer: $0) }
                hasher.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            }
        }
        for text in [title, content, contentType] { add(text) }
        for text in [url, parent?.collection, parent?.externalID, position.map { "\($0)" }] { add(text) }
        add(String(path.count))
        path.forEach { add($0) }
        for text in [createdAt, updatedAt] { add(text) }
        for text in [authors, metadata] { add(Self.canonical(text)) }
        return hasher.finalize().hexadecimal
    }

    /// The same text for the same value, whatever order a plugin's encoder gave the keys.
    private static func canonical(_ json: String) -> String {
        guard json.utf8.count > 2, let value = try? JSONValue(parsing: json) else { return json }
        return value.sorted.text
    }
}

extension JSONValue {
    fileprivate var number: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }

    fileprivate var sorted: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.sorted))
        case .object(let members):
            .object(
                members.map { Member($0.key, $0.value.sorted) }.sorted { $0.key < $1.key })
        default: self
        }
    }
}

extension json_slice {
    fileprivate var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: size) }

    /// The slice as it stands; invalid UTF-8 is replaced by U+FFFD.
    fileprivate var source: String { String(decoding: buffer, as: UTF8.self) }

    fileprivate var isNull: Bool { starts(with: "n") }

    fileprivate func starts(with character: Unicode.Scalar) -> Bool {
        buffer.first == UInt8(ascii: character)
    }

    fileprivate var json: JSONValue? {
        // What the decoder refuses, such as half a surrogate pair, stays in the metadata as text.
        try? JSONValue(parsing: buffer)
    }

    /// What a string stands for; nil for other values.
    fileprivate var string: String? { starts(with: "\"") ? unescaped : nil }

    fileprivate var unescaped: String {
        String(decoding: [UInt8](unsafeUninitializedCapacity: size) { out, count in
            let written = out.withMemoryRebound(to: CChar.self) { json_unescape(self, $0.baseAddress!) }
            count = written
        }, as: UTF8.self)
    }

    fileprivate var members: [(key: String, value: json_slice)] {
        var members = json_members(bytes, size)
        var found: [(String, json_slice)] = []
        var name = json_slice()
        var value = json_slice()
        while json_next_member(&members, &name, &value) { found.append((name.unescaped, value)) }
        return found
    }
}

extension Sequence<UInt8> {
    /// Two lower-case digits a byte.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
