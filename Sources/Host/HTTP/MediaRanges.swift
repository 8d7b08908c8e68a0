/// The media ranges of `Accept`, the most wanted first (RFC 9110, 12.5.1), in lower case and without
/// parameters.  What is named with `q=0` is not wanted and left out.
struct MediaRanges: Sequence {
    private let ranges: [String]
    private let refused: Set<String>
    /// Whether nothing was asked for, which means anything.
    let isEmpty: Bool

    init(_ values: [String]) {
        let entries = values.flatMap { $0.split(separator: ",") }.map { entry in
            entry.filter { $0 != " " && $0 != "\t" }.lowercased().split(separator: ";")
        }
        isEmpty = entries.allSatisfy(\.isEmpty)
        let weighed = entries.compactMap { entry in
            entry.first.map { (range: String($0), weight: Self.weight(entry.dropFirst())) }
        }
        refused = Set(weighed.filter { $0.weight <= 0 }.map(\.range))
        // Swift's sort is stable: of those that are wanted alike the first named comes first.
        ranges = weighed.filter { $0.weight > 0 }.sorted { $0.weight > $1.weight }.map(\.range)
    }

    /// Whether this type is wanted at all; by the range that says most of it.
    func take(_ type: String) -> Bool {
        let whole = type.split(separator: "/")[0] + "/*"
        for range in [type, String(whole), "*/*"] {
            if refused.contains(range) { return false }
            if ranges.contains(range) { return true }
        }
        return isEmpty
    }

    private static func weight(_ parameters: some Sequence<Substring>) -> Double {
        for parameter in parameters where parameter.hasPrefix("q=") { return Double(parameter.dropFirst(2)) ?? 1 }
        return 1
    }

    func makeIterator() -> IndexingIterator<[String]> { ranges.makeIterator() }
}
