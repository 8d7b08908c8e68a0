import FoundationEssentials
import GRDB

// GRDB binds and reads strings as C strings: both end at the first NUL, which JSON may well hold.
// So text from outside travels as bytes, and the SQL casts them: `CAST(? AS TEXT)` relabels a blob
// as text and keeps every byte.

/// Stands in SQL where a `Text` argument goes.
let textPlaceholder = "CAST(? AS TEXT)"

/// Text as an argument of a statement.
struct Text: DatabaseValueConvertible {
    let bytes: Data

    init(_ string: String) { bytes = Data(string.utf8) }

    init?(_ string: String?) {
        guard let string else { return nil }
        self.init(string)
    }

    var databaseValue: DatabaseValue { bytes.databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> Text? {
        Data.fromDatabaseValue(value).map { Text(String(decoding: $0, as: UTF8.self)) }
    }
}

extension Row {
    /// The text of a column, NULs included.  Only for rows that a cursor stands on: a copied row
    /// has cut its texts already.
    func text(_ column: Int) throws -> String? {
        try withUnsafeData(atIndex: column) { $0.map { String(decoding: $0, as: UTF8.self) } }
    }
}

extension Database {
    /// All rows of a query, each decoded while the cursor stands on it.  The statement stays
    /// prepared for the next time.
    func rows<T>(
        _ sql: String, _ arguments: StatementArguments, _ decode: (Row) throws -> T
    ) throws -> [T] {
        let cursor = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        var decoded: [T] = []
        while let row = try cursor.next() { decoded.append(try decode(row)) }
        return decoded
    }

    /// As above, but stops behind the row by which `size` has added up to more than `budget`.
    func rows<T>(
        _ sql: String, _ arguments: StatementArguments, budget: Int, size: (T) -> Int,
        _ decode: (Row) throws -> T
    ) throws -> (rows: [T], isCut: Bool) {
        let cursor = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        var decoded: [T] = []
        var total = 0
        while total <= budget, let row = try cursor.next() {
            decoded.append(try decode(row))
            total += size(decoded[decoded.count - 1])
        }
        return (decoded, total > budget)
    }

    /// The first row of a query.
    func row<T>(
        _ sql: String, _ arguments: StatementArguments, _ decode: (Row) throws -> T
    ) throws -> T? {
        let cursor = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        return try cursor.next().map(decode)
    }

    /// Executes a statement, which stays prepared for the next time.
    func perform(_ sql: String, _ arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
