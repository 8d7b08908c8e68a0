/// Cuts what a worker writes to its stdout or stderr into lines.
package struct OutputLines {
    /// What a line may hold; the rest of a longer one is dropped.
    static let limit = 16 * 1024

    private var line: [UInt8] = []

    package init() {}

    /// The lines that are whole now.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) -> [String] {
        var lines: [String] = []
        for piece in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .dropLast()
        {
            append(piece)
            lines += rest()
        }
        append(bytes.suffix(while: { $0 != UInt8(ascii: "\n") }))
        return lines
    }

    /// What stands behind the last line break, at the end of the output.
    package mutating func rest() -> [String] {
        defer { line.removeAll(keepingCapacity: true) }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line.isEmpty ? [] : [String(decoding: line, as: UTF8.self)]
    }

    private mutating func append(_ bytes: some Collection<UInt8>) {
        line.append(contentsOf: bytes.prefix(Self.limit - line.count))
    }
}

extension BidirectionalCollection {
    fileprivate func suffix(while matches: (Element) -> Bool) -> SubSequence {
        var start = endIndex
        while start != startIndex, matches(self[index(before: start)]) { formIndex(before: &start) }
        return self[start...]
    }
}
