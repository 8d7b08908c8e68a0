/// The media ranges of `Accept` in their order, in lower case and without parameters.  What is
/// named with `q=0` is not wanted and left out.
struct MediaRanges: Sequence {
    private let ranges: [String]
    /// Whether nothing was asked for, which means anything.
    let isEmpty: Bool

    init(_ values: [String]) {
        let entries = values.flatMap { $0.split(separator: ",") }.map { entry in
            entry.filter { $0 != " " && $0 != "\t" }.lowercased().split(separator: ";")
        }
        isEmpty = entries.allSatisfy(\.isEmpty)
        ranges = entries.compactMap { entry in
            let isRefused = entry.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
            return isRefused ? nil : entry.first.map(String.init)
        }
    }

    func makeIterator() -> IndexingIterator<[String]> { ranges.makeIterator() }
}
