import Terminal
import Testing

@Suite("Text on a terminal")
struct TextTests {
    @Test(arguments: [
        ("", 0), ("plain", 5), ("é", 1), ("e\u{301}", 1), ("日本語", 6), ("한글", 4), ("ｆｕｌｌ", 8), ("😀", 2), ("👩‍💻", 2),
        ("🇩🇪", 2), ("❤️", 2), ("❤", 1), ("☃", 1), ("█░", 2), ("a\u{200B}b", 2), ("\u{1F469}\u{1F3FD}", 2), ("…", 1),
    ])
    func `a text is as wide as terminals draw it`(text: String, width: Int) { #expect(CellWidth.of(text) == width) }

    @Test func `nothing in a line can drive the terminal`() {
        let line = Line("a\u{1B}[31mb\nc\r\td\u{9B}2Je\u{202E}f\u{7}")
        let controls = line.text.unicodeScalars.filter { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }
        #expect(controls.isEmpty && !line.text.contains("\u{202E}"))
        #expect(line.text.contains("[31mb"), "only the controls are gone")
    }

    @Test func `a line that is too long ends with an ellipsis, and a wide character is not cut in two`() {
        #expect(Line("abcdef").cut(to: 6).text == "abcdef")
        #expect(Line("abcdef").cut(to: 5).text == "abcd…")
        #expect(Line("日本語").cut(to: 4).text == "日…")
        #expect(Line("日本語").cut(to: 5).text == "日本…")
        #expect(Line("ab", .bad).adding("cdef", .good).cut(to: 4) == Line("ab", .bad).adding("c…", .good))
        #expect(Line("ab").cut(to: 0).text == "")
    }

    @Test func `colours are written only where there are any`() {
        let line = Line("a", .bad).adding("b")
        #expect(Style.bare.render(line) == "ab")
        #expect(Style(environment: ["TERM": "xterm"]).render(line) == "\u{1B}[31ma\u{1B}[0mb")
        for environment in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
            #expect(Style(environment: environment).render(line) == "ab")
        }
        #expect(Style(environment: ["NO_COLOR": ""]).hasColours, "an empty NO_COLOR is none")
    }

    @Test func `blocks are for UTF-8`() {
        #expect(Style(environment: [:]).hasBlocks && Style(environment: ["LANG": "de_DE.UTF-8"]).hasBlocks)
        #expect(!Style(environment: ["LANG": "C"]).hasBlocks)
        #expect(!Style(environment: ["LC_ALL": "de_DE", "LANG": "C.utf8"]).hasBlocks)
    }

    @Test func `columns of a table are as wide as their widest cell, and numbers end at the same place`() {
        var table = Table(["name", "count", "title"], numbers: [1])
        table.add([Line("日本"), Line("7"), Line("first")])
        table.add([Line("a"), Line("12345"), Line("second")])
        #expect(table.lines().map(\.text) == ["name  count  title", "日本      7  first", "a     12345  second"])
        #expect(table.lines(columns: 12).map(\.text)[2] == "a     12345…")
    }

    @Test func `numbers and times are words that people read`() {
        #expect(Words.clock(.seconds(42)) == "0:42" && Words.clock(.seconds(11_105)) == "3:05:05")
        #expect(
            [5, 65, 600, 3600, 3660, 200_000].map(Words.span) == [
                "5 s", "1 min 5 s", "10 min", "1 h", "1 h 1 min", "2 d",
            ])
        #expect([0.2, 1.44, 250.4, 12_345].map(Words.rate) == ["12/min", "1.4/s", "250/s", "12 345/s"])
        #expect([999, 9999, 10_000, 1_234_567].map(Words.number) == ["999", "9999", "10 000", "1 234 567"])
    }
}
