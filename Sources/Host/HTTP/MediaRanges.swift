/// The media ranges of `Accept` in their order, in lower case and without parameters.
struct MediaRanges: Sequence {
    private let ranges: [String]

    init(_ values: [String]) {
        ranges = values.flatMap { $0.split(separator: ",") }.map { range in
            range.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        }
    }

    var isEmpty: Bool { ranges.isEmpty }

    func makeIterator() -> IndexingIterator<[String]> { ranges.makeIterator() }
}
