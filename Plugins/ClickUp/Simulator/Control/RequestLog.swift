/// Method, path and query of a request, as rules and the log see them.
struct RequestLine: Sendable {
    let method: String
    let path: String
    let query: String
}

/// The last requests for the API (those for the control API are not in it), and how many were open at once.
struct RequestLog: Sendable {
    private struct Item {
        let line: RequestLine
        let at: Int
        var status: Int?
        var faulty = false
    }

    /// Older ones are overwritten.
    private static let limit = 10_000
    private var items: [Item] = []
    /// Number of the request that was the first after the last reset.
    private var first = 0
    private var next = 0
    private var inFlight = 0
    private var maxInFlight = 0

    /// Ticket for `end`.
    mutating func begin(_ line: RequestLine, at now: Int) -> Int {
        let item = Item(line: line, at: now)
        if items.count < Self.limit {
            items.append(item)
        } else {
            items[(next - first) % Self.limit] = item
        }
        next += 1
        inFlight += 1
        maxInFlight = max(maxInFlight, inFlight)
        return next - 1
    }

    mutating func end(_ ticket: Int, status: Int?, faulty: Bool) {
        inFlight -= 1
        guard ticket >= first, ticket >= next - Self.limit else { return }
        items[(ticket - first) % Self.limit].status = status
        items[(ticket - first) % Self.limit].faulty = faulty
    }

    mutating func reset() {
        items = []
        first = next
        maxInFlight = inFlight
    }

    var json: JSON {
        let oldest = max(first, next - Self.limit)
        return [
            "items": .array((oldest..<next).map { Self.json(items[($0 - first) % Self.limit]) }),
            "total": .int(next - first), "maxInFlight": .int(maxInFlight),
        ]
    }

    private static func json(_ item: Item) -> JSON {
        [
            "method": .string(item.line.method), "path": .string(item.line.path), "query": .string(item.line.query),
            "status": item.status.map { .int($0) } ?? .null, "fault": .bool(item.faulty), "at": .int(item.at),
        ]
    }
}
