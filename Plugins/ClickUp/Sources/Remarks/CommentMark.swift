import PluginKit

/// A place in a listing of comments: the last one of a page.
struct CommentMark: Sendable, Equatable {
    var date: String
    var id: String

    /// Both: several comments may have the same date.
    var query: [(name: String, value: String)] { [("start", date), ("start_id", id)] }
}

extension CommentMark {
    init?(_ json: JSONValue) {
        guard let parts = json.array?.compactMap(\.string), parts.count == 2 else { return nil }
        self.init(date: parts[0], id: parts[1])
    }

    var json: JSONValue { .array([.string(date), .string(id)]) }
}
