/// A terminal as far as this project's output uses one: text, line breaks, and the few sequences that move, erase and
/// colour.  Anything else is noted as strange.
public struct Screen {
    public private(set) var columns: Int
    public let rows: Int
    /// Sequences and controls that nobody needs.
    public private(set) var strange: [String] = []
    /// Everything that has scrolled out at the top, then what is visible.
    private var lines: [[Character]] = [[]]
    private var row = 0
    private var column = 0
    private var top: Int { max(0, lines.count - rows) }

    public init(columns: Int, rows: Int) { (self.columns, self.rows) = (columns, rows) }

    /// Everything that was written there.
    public init(_ output: String, columns: Int = 80, rows: Int = 24) {
        self.init(columns: columns, rows: rows)
        write(output)
    }

    /// All lines, without blanks at their ends.
    public var text: [String] {
        lines.map { line in
            let end = line.lastIndex { $0 != " " }.map { $0 + 1 } ?? 0
            return String(line[..<end].filter { $0 != Self.secondHalf })
        }
    }

    public mutating func write(_ text: String) {
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "\r": column = 0
            case "\n": feed()
            case "\r\n":  // one character to Swift, two to a terminal
                column = 0
                feed()
            case "\u{1B}": control(&rest)
            case _ where character.unicodeScalars.allSatisfy { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }:
                strange.append("\\u{\(character.unicodeScalars.first.map { String($0.value, radix: 16) } ?? "")}")
            default: put(character)
            }
        }
    }

    /// Stands in the cell behind a wide character.
    private static let secondHalf: Character = "\0"

    /// Of the characters that tests use.
    private static func width(_ character: Character) -> Int {
        switch character.unicodeScalars.first?.value ?? 0 {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF01...0xFF60, 0x1F300...0x1FAFF: 2
        default: 1
        }
    }

    private mutating func feed() {
        row += 1
        if row == lines.count { lines.append([]) }
    }

    private mutating func put(_ character: Character) {
        let width = Self.width(character)
        if column + width > columns {
            feed()
            column = 0
        }
        while lines[row].count < column + width { lines[row].append(" ") }
        lines[row][column] = character
        if width == 2 { lines[row][column + 1] = Self.secondHalf }
        column += width
    }

    private mutating func control(_ rest: inout Substring) {
        guard rest.popFirst() == "[" else { return strange.append("escape") }
        var parameter = ""
        while let next = rest.popFirst() {
            guard next.isLetter else {
                parameter.append(next)
                continue
            }
            switch next {
            case "A": row = max(top, row - (Int(parameter) ?? 1))
            case "K": lines[row] = Array(lines[row].prefix(column))
            case "J":
                lines[row] = Array(lines[row].prefix(column))
                lines.removeSubrange((row + 1)...)
            case "m": break
            default: strange.append(parameter + String(next))
            }
            return
        }
    }
}
