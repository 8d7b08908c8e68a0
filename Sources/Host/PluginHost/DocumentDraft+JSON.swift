import Core
import Crypto
import Glibc
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
        case "position": return set(\.position, value.number)
        case "parent": return set(\.parent, value.reference)
        case "path": return set(\.path, value.strings)
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
        func add(bytes: UnsafeRawBufferPointer) {
            withUnsafeBytes(of: UInt64(bytes.count)) { hasher.update(bufferPointer: $0) }
            hasher.update(bufferPointer: bytes)
        }
        func add(_ text: String?) {
            guard var text else {
                return withUnsafeBytes(of: UInt64.max) { hasher.update(bufferPointer: $0) }
            }
            text.withUTF8 { add(bytes: UnsafeRawBufferPointer($0)) }
        }
        for text in [title, content, contentType] { add(text) }
        for text in [url, parent?.collection, parent?.externalID, position.map { "\($0)" }] { add(text) }
        add(String(path.count))
        path.forEach { add($0) }
        for text in [createdAt, updatedAt] { add(text) }
        for text in [authors, metadata] { Self.canonical(text).withUnsafeBytes { add(bytes: $0) } }
        return hasher.finalize().hexadecimal
    }

    /// The same text for the same value, whatever order, white space and escapes a plugin's encoder
    /// chose.  Numbers stay as they are written: some mean more than a Double can hold.
    private static func canonical(_ json: String) -> [UInt8] {
        var (json, text) = (json, [UInt8]())
        json.withUTF8 { bytes in
            text.reserveCapacity(bytes.count)
            bytes.withMemoryRebound(to: CChar.self) {
                json_slice(bytes: $0.baseAddress, size: $0.count).writeCanonical(to: &text, depth: 0)
            }
        }
        return text
    }
}

extension json_slice {
    fileprivate var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: size) }

    /// What is between the quotes of a string.
    private var inner: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer.dropFirst().dropLast()) }

    /// The slice as it stands; invalid UTF-8 and halves of surrogate pairs are replaced by U+FFFD.
    fileprivate var source: String {
        guard system_contains(bytes, size, "\\u") else { return String(decoding: buffer, as: UTF8.self) }
        var mended = [CChar](UnsafeBufferPointer(start: bytes, count: size))
        json_mend(&mended, mended.count)
        return mended.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    fileprivate var isNull: Bool { starts(with: "n") }

    fileprivate func starts(with character: Unicode.Scalar) -> Bool {
        buffer.first == UInt8(ascii: character)
    }

    fileprivate var number: Double? {
        guard let first = buffer.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else { return nil }
        return Double(source)
    }

    /// The elements of an array of nothing but strings.
    fileprivate var strings: [String]? {
        guard starts(with: "[") else { return nil }
        var elements = json_elements(bytes, size)
        var strings: [String] = []
        var value = json_slice()
        while json_next_element(&elements, &value) {
            guard let string = value.string else { return nil }
            strings.append(string)
        }
        return strings
    }

    /// An object with two strings, `collection` and `id`.
    fileprivate var reference: DocumentKey? {
        guard starts(with: "{") else { return nil }
        var collection: String?
        var id: String?
        for (name, value) in members {
            if name == "collection" { collection = value.string }
            if name == "id" { id = value.string }
        }
        guard let collection, let id else { return nil }
        return DocumentKey(collection: collection, externalID: id)
    }

    /// What a string stands for; nil for other values.
    fileprivate var string: String? { starts(with: "\"") ? unescaped : nil }

    fileprivate var unescaped: String {
        guard contains("\\") else { return String(decoding: inner, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: size) { out in
            out.withMemoryRebound(to: CChar.self) { json_unescape(self, $0.baseAddress!) }
        }
    }

    private func contains(_ character: Unicode.Scalar) -> Bool {
        memchr(bytes, Int32(character.value), size) != nil
    }

    /// A string whose text needs no other escapes than it has: none.
    private var isPlain: Bool { !contains("\\") && !contains("\u{7F}") }

    /// Deeper than this a value is taken as it is written: each level is another walk over it.
    private static let canonicalDepth = 32

    fileprivate func writeCanonical(to text: inout [UInt8], depth: Int) {
        switch buffer.first {
        case UInt8(ascii: "{") where depth < Self.canonicalDepth:
            text.append(UInt8(ascii: "{"))
            for (key, value) in sortedMembers {
                key.writeCanonical(to: &text, depth: depth)
                value.writeCanonical(to: &text, depth: depth + 1)
            }
            text.append(UInt8(ascii: "}"))
        case UInt8(ascii: "[") where depth < Self.canonicalDepth:
            text.append(UInt8(ascii: "["))
            var elements = json_elements(bytes, size)
            var value = json_slice()
            while json_next_element(&elements, &value) {
                value.writeCanonical(to: &text, depth: depth + 1)
                text.append(UInt8(ascii: ","))
            }
            text.append(UInt8(ascii: "]"))
        case UInt8(ascii: "\"") where !isPlain: JSONValue.string(unescaped).write(to: &text)
        default: text.append(contentsOf: buffer)
        }
    }

    /// By what the keys stand for, as strings of Swift's are ordered.
    private var sortedMembers: [(key: json_slice, value: json_slice)] {
        let members = memberSlices
        if members.allSatisfy({ $0.key.isPlainASCII }) {
            return members.sorted { $0.key.inner.lexicographicallyPrecedes($1.key.inner) }
        }
        return members.map { ($0.key.unescaped, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private var isPlainASCII: Bool { isPlain && buffer.allSatisfy { $0 < 0x80 } }

    fileprivate var members: [(key: String, value: json_slice)] { memberSlices.map { ($0.key.unescaped, $0.value) } }

    private var memberSlices: [(key: json_slice, value: json_slice)] {
        var members = json_members(bytes, size)
        var found: [(json_slice, json_slice)] = []
        var name = json_slice()
        var value = json_slice()
        while json_next_member(&members, &name, &value) { found.append((name, value)) }
        return found
    }
}
