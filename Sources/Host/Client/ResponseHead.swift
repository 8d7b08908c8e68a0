/// Status and header fields of an answer.
struct ResponseHead: Sendable {
    private(set) var status = 0
    /// Names in lower case.
    private var fields: [(name: String, value: String)] = []
    private static let maximumFields = 200

    subscript(name: String) -> String? { fields.last { $0.name == name }?.value }

    /// Seconds, as daemons and proxies give them; a date is not taken.
    var retryAfter: Duration? {
        self["retry-after"].flatMap { Int64($0) }.flatMap { (0...86_400).contains($0) ? .seconds($0) : nil }
    }

    /// Takes one line; a status line begins anew, since an interim answer or a proxy's may have come before.
    mutating func take(_ line: String) {
        if line.hasPrefix("HTTP/") {
            fields = []
            status = line.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) } ?? 0
        } else if let colon = line.firstIndex(of: ":"), fields.count < Self.maximumFields {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.append((line[..<colon].lowercased(), String(value)))
        }
    }
}
