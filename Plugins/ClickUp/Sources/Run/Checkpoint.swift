import PluginKit

/// Where the imports of one selection stand, as the host keeps it from run to run. A value
/// without time or I/O.
struct Checkpoint: Sendable, Equatable {
    /// What it is of; one of something else is of no use.
    var selection: String
    /// Changes of tasks up to here are stored (`date_updated`, ClickUp's clock). nil: not all
    /// tasks were ever listed.
    var until: Int64?
    /// When a complete listing of all tasks began last.
    var swept: Int64?
    /// Lists that the last import saw: of one that was not among them, all that hangs on its tasks is
    /// fetched, however old they are. nil: not known.
    var lists: Set<String>?
    /// An import that has not ended.
    var open: Open?
    /// Tasks whose comments and attachments are still to be fetched.
    var queue: QueueMark?
    /// The run that has only the queue left to do.
    var passed: String?
    /// The run that has nothing left to do, if it had anything to store.
    var ended: String?
    /// Of what in the queue has several pages of comments, and is under way or waits for those before it: the page
    /// that was handled last. By where it ends in the queue.
    var pages: [Int64: CommentMark] = [:]

    struct Open: Sendable, Equatable {
        /// The run that began it. Only in that run the host knows what was seen before.
        var run: String
        var began: Int64
        /// All tasks are listed, not only what changed.
        var isEnumeration: Bool
        /// Of what seems to be stored too.
        var isFull: Bool
        /// The greatest `date_updated` so far.
        var newest: Int64 = 0
        /// Each listing of tasks that was begun, at the page that was handled last.
        var walks: [String: TaskWalk.Mark] = [:]
        var finished: Set<String> = []
        /// Lists whose tasks have to be listed once more, since their place or name has changed.
        var stale: [String] = []
        var docs: DocsMark?
    }

    init(selection: String) { self.selection = selection }

    /// An attempt at this run has left it.
    func isOf(_ run: String) -> Bool { open?.run == run || passed == run || ended == run }
}

// MARK: Bytes

extension Checkpoint {
    /// Another means that the rest cannot be read.
    private static let version: JSONValue = 3

    /// nil: not ours, or of an older version.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes), json["version"] == Self.version,
            let selection = json["selection"]?.string
        else { return nil }
        self.selection = selection
        until = json["until"]?.integer
        swept = json["swept"]?.integer
        lists = (json["lists"]?.array).map { Set($0.compactMap(\.string)) }
        open = json["open"].flatMap(Open.init)
        queue = json["queue"].flatMap(QueueMark.init)
        passed = json["passed"]?.string
        ended = json["ended"]?.string
        for member in json["pages"]?.members ?? [] { pages[Int64(member.name) ?? 0] = CommentMark(member.value) }
    }

    var bytes: [UInt8] {
        var members: [JSONValue.Member] = [.init("version", Self.version), .init("selection", .string(selection))]
        members.append("until", until)
        members.append("swept", swept)
        if let lists { members.append(.init("lists", .array(lists.sorted().map(JSONValue.string)))) }
        if let passed { members.append(.init("passed", .string(passed))) }
        if let ended { members.append(.init("ended", .string(ended))) }
        if let queue { members.append(.init("queue", queue.json)) }
        if !pages.isEmpty {
            let marks = pages.sorted { $0.key < $1.key }.map { JSONValue.Member("\($0.key)", $0.value.json) }
            members.append(.init("pages", .object(marks)))
        }
        if let open { members.append(.init("open", open.json)) }
        return JSONValue.object(members).utf8
    }
}

extension Checkpoint.Open {
    fileprivate init?(_ json: JSONValue) {
        guard let run = json["run"]?.string, let began = json["began"]?.integer else { return nil }
        self.init(
            run: run, began: began, isEnumeration: json["all"]?.bool ?? false,
            isFull: json["full"]?.bool ?? false)
        newest = json["newest"]?.integer ?? 0
        for member in json["walks"]?.members ?? [] { walks[member.name] = TaskWalk.Mark(member.value) }
        finished = Set((json["finished"]?.array ?? []).compactMap(\.string))
        stale = (json["stale"]?.array ?? []).compactMap(\.string)
        docs = json["docs"].flatMap(DocsMark.init)
    }

    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("run", .string(run)), .init("began", JSONValue(began)), .init("all", .bool(isEnumeration)),
            .init("full", .bool(isFull)),
            .init("newest", JSONValue(newest)),
            .init("walks", .object(walks.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.json) })),
            .init("finished", .array(finished.sorted().map(JSONValue.string))),
        ]
        if !stale.isEmpty { members.append(.init("stale", .array(stale.map(JSONValue.string)))) }
        if let docs { members.append(.init("docs", docs.json)) }
        return .object(members)
    }
}

extension [JSONValue.Member] {
    mutating func append(_ name: String, _ number: Int64?) {
        if let number { append(.init(name, JSONValue(number))) }
    }
}
