import PluginKit

/// Walks a listing of tasks by date: each page begins at the date where the one before ended, so
/// what is added, changed or deleted meanwhile moves no task past the walk, as it would with page
/// numbers. A value without requests of its own.
///
/// ClickUp does not say in which direction a listing runs; the walk follows the one that it meets.
struct TaskWalk: Sendable {
    enum Order: String, Sendable {
        case created, updated
    }

    enum Step: Equatable {
        case next, end
        /// The listing goes in circles, also by page numbers: the rest of it cannot be reached.
        case incomplete
    }

    /// As much of a task as the walk looks at.
    struct Stop: Sendable, Equatable {
        var id: String
        var date: Int64?
    }

    /// Where a walk stands.
    struct Mark: Sendable, Equatable {
        /// Compared strictly, both.
        var after: Int64?
        var before: Int64?
        /// Within tasks of one date, or of the whole listing where the service knows no dates.
        var page = 0
        var byPagesOnly = false
    }

    let order: Order
    private let start: Int64?
    private(set) var mark: Mark
    private var lastIDs: [String] = []
    /// Tasks of the date at which the last page ended: the next page brings them again.
    private var atBoundary: Set<String> = []
    private var boundary: Int64?

    /// - Parameter after: only what has a later date; nil: everything.
    init(_ order: Order, after: Int64? = nil) {
        self.order = order
        start = after
        mark = Mark(after: after)
    }

    mutating func resume(at mark: Mark) { self.mark = mark }

    var query: [(name: String, value: String)] {
        var query = [("order_by", order.rawValue), ("reverse", "true")]
        if let after = mark.after { query.append(("date_\(order.rawValue)_gt", "\(after)")) }
        if let before = mark.before { query.append(("date_\(order.rawValue)_lt", "\(before)")) }
        if mark.page > 0 { query.append(("page", "\(mark.page)")) }
        return query.map { (name: $0.0, value: $0.1) }
    }

    /// Whether a task of the page just fetched was not in the page before.
    func isNew(_ id: String) -> Bool { !atBoundary.contains(id) }

    /// Takes the whole page that `query` brought.
    mutating func advance(_ page: [Stop], isLast: Bool) -> Step {
        guard let end = page.last, !isLast else { return .end }
        let ids = page.map(\.id)
        if ids == lastIDs { return leaveCircle() }
        lastIDs = ids
        if page.allSatisfy({ !isNew($0.id) }), page.count < 100, !mark.byPagesOnly { return .end }
        if mark.byPagesOnly || !moveBoundary(to: end.date, isDescending: Self.isDescending(page)) { mark.page += 1 }
        remember(page)
        return .next
    }

    /// False: the page ends at the date at which it began.
    private mutating func moveBoundary(to date: Int64?, isDescending: Bool?) -> Bool {
        guard let date, let isDescending = isDescending ?? knownDirection else { return false }
        var next = mark
        next.page = 0
        if isDescending { next.before = date + 1 } else { next.after = max(date - 1, start ?? .min) }
        guard (next.after, next.before) != (mark.after, mark.before) else { return false }
        mark = next
        return true
    }

    /// Which bound has been moved so far.
    private var knownDirection: Bool? {
        if mark.before != nil { return true }
        return mark.after == start ? nil : false
    }

    private static func isDescending(_ page: [Stop]) -> Bool? {
        guard let first = page.first?.date, let last = page.last?.date, first != last else { return nil }
        return first > last
    }

    private mutating func remember(_ page: [Stop]) {
        let date = page.last?.date
        if date != boundary || mark.byPagesOnly { atBoundary = [] }
        boundary = date
        for stop in page where stop.date == date || mark.byPagesOnly { atBoundary.insert(stop.id) }
    }

    /// The same page again: the service did not look at the dates, or not at the page.
    private mutating func leaveCircle() -> Step {
        guard !mark.byPagesOnly else { return .incomplete }
        mark = Mark(after: start, page: 1, byPagesOnly: true)
        return .next
    }
}

extension TaskWalk.Mark {
    init(_ json: JSONValue) {
        self.init(
            after: json["after"]?.integer, before: json["before"]?.integer,
            page: json["page"]?.integer.flatMap { Int(exactly: $0) } ?? 0, byPagesOnly: json["pages"]?.bool ?? false)
    }

    var json: JSONValue {
        var members: [JSONValue.Member] = []
        members.append("after", after)
        members.append("before", before)
        if page > 0 { members.append("page", Int64(page)) }
        if byPagesOnly { members.append(.init("pages", true)) }
        return .object(members)
    }
}
