/// The text of the file, cut into lines as libyaml cuts it, to show the line that an error is in.
struct SourceText: Sendable {
    let file: String
    private let bytes: [UInt8]
    /// Where each line's bytes are, without its line break.
    private let lines: [Range<Int>]

    init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
        self.lines = Self.lines(of: bytes)
    }

    /// A line, counted from 1; empty where the text has none.
    func scalars(ofLine line: Int) -> [Unicode.Scalar] {
        guard lines.indices.contains(line - 1) else { return [] }
        return Array(String(decoding: bytes[lines[line - 1]], as: UTF8.self).unicodeScalars)
    }

    /// The nearest place that exists: an error at the end of a file may be one line behind it.
    func clamped(_ location: SourceLocation) -> SourceLocation {
        guard location.line > lines.count, let last = lines.indices.last else { return location }
        return SourceLocation(line: last + 1, column: scalars(ofLine: last + 1).count + 1)
    }

    /// The text with some of its bytes replaced.
    func replacing(_ range: Range<Int>, with text: String) -> [UInt8] {
        Array(bytes[..<range.lowerBound]) + text.utf8 + bytes[range.upperBound...]
    }

    /// The byte at a location; the end of its line where that is shorter.
    func byte(of location: SourceLocation) -> Int {
        guard lines.indices.contains(location.line - 1) else { return bytes.count }
        let line = lines[location.line - 1]
        let before = String(decoding: bytes[line], as: UTF8.self).unicodeScalars.prefix(location.column - 1)
        return min(line.upperBound, line.lowerBound + String(String.UnicodeScalarView(before)).utf8.count)
    }

    func location(ofByte offset: Int) -> SourceLocation {
        let index = lines.lastIndex { $0.lowerBound <= offset } ?? 0
        let before = bytes[lines[index].lowerBound..<max(offset, lines[index].lowerBound)]
        let column = String(decoding: before, as: UTF8.self).unicodeScalars.count + 1
        return SourceLocation(line: index + 1, column: column)
    }

    /// Bytes of a line in which a column is worth the search.
    private static let maximumSearch = 4096

    /// Where the dollar with this number, counted from 0, stands in a scalar that has `total`; the
    /// scalar's start where the text as written has another number of them (`"\x24"`) or is long.
    func location(ofDollar number: Int, outOf total: Int, in span: SourceSpan) -> SourceLocation {
        let spanned = lines[max(0, span.start.line - 1)..<min(span.end.line, lines.count)]
        guard let first = spanned.first, let last = spanned.last,
            last.upperBound - first.lowerBound <= Self.maximumSearch
        else { return span.start }
        var found: [SourceLocation] = []
        for line in span.start.line...span.end.line {
            let scalars = scalars(ofLine: line)
            for column in span.columns(inLine: line, of: scalars.count)
            where scalars[column] == "$" {
                found.append(SourceLocation(line: line, column: column + 1))
            }
        }
        return found.count == total ? found[number] : span.start
    }
}

extension SourceText {
    /// libyaml ends a line at CR, LF, CRLF, NEL, LS and PS.
    private static func lines(of bytes: [UInt8]) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var index = start
        while index < bytes.count {
            let length = lengthOfBreak(at: index, in: bytes)
            if length > 0 {
                lines.append(start..<index)
                start = index + length
            }
            index += max(1, length)
        }
        lines.append(start..<bytes.count)
        return lines
    }

    private static func lengthOfBreak(at index: Int, in bytes: [UInt8]) -> Int {
        func next(_ step: Int) -> UInt8 { index + step < bytes.count ? bytes[index + step] : 0 }
        switch bytes[index] {
        case 0x0A: return 1
        case 0x0D: return next(1) == 0x0A ? 2 : 1
        case 0xC2: return next(1) == 0x85 ? 2 : 0
        case 0xE2: return next(1) == 0x80 && (next(2) == 0xA8 || next(2) == 0xA9) ? 3 : 0
        default: return 0
        }
    }
}
