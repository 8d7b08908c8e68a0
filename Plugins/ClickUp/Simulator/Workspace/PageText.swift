/// Markdown for one page: headings, prose, lists, code, tables.
struct PageText {
    private var dice: Dice
    private let title: String
    /// Headings and kinds of sections take turns from here on, so that neighbours differ.
    private var turn: Int

    init(seed: Int, doc: Int, page: Int, title: String) {
        dice = Dice(seed, doc, page, 3)
        self.title = title
        turn = dice.below(Words.headings.count)
    }

    /// About `bytes` long (never cut within a character), or a few sections without a wish.
    func markdown(bytes: Int?) -> String {
        var writer = self
        return bytes.map { writer.sized($0) } ?? writer.short()
    }

    private mutating func short() -> String {
        var text = opening()
        for _ in 0..<(2 + dice.below(3)) {
            text += section()
        }
        return text
    }

    private mutating func sized(_ bytes: Int) -> String {
        var text = opening()
        text.reserveCapacity(bytes + 1024)
        // Sections repeat after a while: throwing dice for every line of a page of megabytes would take seconds.
        let sections = (0..<16).map { _ in section() }
        var next = 0
        while text.utf8.count < bytes {
            text += sections[next % sections.count]
            next += 1
        }
        var end = text.utf8.index(text.startIndex, offsetBy: bytes)
        while String.Index(end, within: text) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }

    private mutating func opening() -> String {
        "# \(title)\n\n\(dice.pick(Words.sentences)) \(dice.pick(Words.sentences))\n"
    }

    private mutating func section() -> String {
        turn += 1
        return "\n## \(Words.headings[turn % Words.headings.count])\n\n\(block())\n"
    }

    private mutating func block() -> String {
        switch turn % 6 {
        case 0: dice.pick(Words.tables)
        case 1: dice.pick(Words.code)
        case 2: "\(dice.pick(Words.quotes))\n\n\(dice.pick(Words.sentences))"
        case 3: list("1. ")
        case 4: list("- [ ] ")
        default: "\(dice.pick(Words.sentences)) \(dice.pick(Words.sentences))\n\n\(list("- "))"
        }
    }

    private mutating func list(_ mark: String) -> String {
        let first = dice.below(Words.points.count)
        return (0..<(2 + dice.below(3)))
            .map { mark + Words.points[(first + $0) % Words.points.count] }
            .joined(separator: "\n")
    }
}
