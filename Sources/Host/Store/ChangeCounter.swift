import GRDB

/// Numbers the changes of the whole store.  Only the one writer takes numbers, within its
/// transaction, so they become visible in their order: a reader who saw n has seen all below.
struct ChangeCounter {
    private let saved: Int64
    private var value: Int64

    init(_ db: Database) throws {
        saved = try Self.current(db)
        value = saved
    }

    /// The number that `take` gives next.
    var upcoming: Int64 { value + 1 }

    @discardableResult
    mutating func take() -> Int64 {
        value = upcoming
        return value
    }

    /// Writes nothing when no number was taken.
    func save(_ db: Database) throws {
        guard value != saved else { return }
        try db.perform("UPDATE counters SET value = ? WHERE name = 'change'", [value])
    }

    static func current(_ db: Database) throws -> Int64 {
        try db.row("SELECT value FROM counters WHERE name = 'change'", [], { $0[0] as Int64 }) ?? 0
    }
}
