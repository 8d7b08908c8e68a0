/// Which of the known names someone probably meant.
package enum NearestName {
    /// `did you mean "plugin"?`, or nil when none is near.
    package static func hint(for name: String, among candidates: some Sequence<String>) -> String? {
        find(name, among: candidates).map { "did you mean \"\($0)\"?" }
    }

    /// The nearest of the names within a third of the length, the first in the alphabet of equals.
    package static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
        let written = Array(name.lowercased().unicodeScalars.prefix(maximumLength))
        guard written.count >= 3 else { return nil }
        let limit = written.count / 3
        return
            candidates
            .map { ($0, distance(written, Array($0.lowercased().unicodeScalars), limit: limit)) }
            .filter { $0.1 <= limit }
            .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// Longer names are nobody's typing mistake.
    private static let maximumLength = 64

    /// Insertions, deletions, replacements and swaps of neighbours; more than `limit` may be said
    /// as `limit + 1`.
    package static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], limit: Int) -> Int {
        guard abs(a.count - b.count) <= limit else { return limit + 1 }
        var beforePrevious: [Int] = []
        var previous = Array(0...b.count)
        for (i, scalar) in a.enumerated() {
            var row = [i + 1]
            for (j, other) in b.enumerated() {
                var cost = min(
                    row[j] + 1, previous[j + 1] + 1, previous[j] + (scalar == other ? 0 : 1))
                if i > 0, j > 0, scalar == b[j - 1], a[i - 1] == other {
                    cost = min(cost, beforePrevious[j - 1] + 1)
                }
                row.append(cost)
            }
            (beforePrevious, previous) = (previous, row)
        }
        return previous[b.count]
    }
}
