import Core
import FoundationEssentials

/// Where the rest of a list begins.  Clients see base64url and are not meant to look inside.
enum Cursor: Equatable {
    case run(id: String)
    case document(id: String)
    case change(Int64)

    var text: String {
        let plain =
            switch self {
            case .run(let id): "r:" + id
            case .document(let id): "d:" + id
            case .change(let change): "c:\(change)"
            }
        return Data(plain.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    init(_ text: String) throws {
        guard let cursor = Self.decode(text), cursor.text == text else {
            throw StorageError.badCursor
        }
        self = cursor
    }

    private static func decode(_ text: String) -> Cursor? {
        guard text.utf8.count <= 64 else { return nil }
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: standard + padding) else { return nil }
        let plain = String(decoding: data, as: UTF8.self)
        let value = plain.dropFirst(2)
        switch plain.prefix(2) {
        case "r:": return UUIDv7.isWellFormed(value) ? .run(id: String(value)) : nil
        case "d:": return UUIDv7.isWellFormed(value) ? .document(id: String(value)) : nil
        case "c:": return Int64(value).map { .change($0) }
        default: return nil
        }
    }
}

extension Page {
    /// Makes a page of a list that was read one item further than `limit`.
    init(reading items: [Item], limit: Int, cursor: (Item) -> String) {
        let hasMore = items.count > limit
        let shown = hasMore ? Array(items.prefix(limit)) : items
        self.init(items: shown, next: hasMore ? shown.last.map(cursor) : nil)
    }
}

/// No list is longer than 10,000, nor empty for its limit's sake.
func bounded(_ limit: Int) -> Int { min(max(limit, 1), 10_000) }
