import FoundationEssentials
import Testing

@testable import PluginKit
import PluginKitCodable

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }
    private func rewrite(_ text: String) throws -> String {
        String(decoding: try parse(text).utf8, as: UTF8.self)
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-0", "12", "1.50", "-2e+10",
        "237672022.00000000000000000000000000000000",
        "12345678901234567890123", #""""#, #""text""#, "[]", "{}", #"[1,[2,[]],{"a":{"b":null}}]"#,
        #"{"z":1,"a":2}"#,
    ])
    func `what is written comes out as it went in`(text: String) throws {
        #expect(try rewrite(text) == text)
    }

    @Test func `space between tokens is passed over`() throws {
        #expect(try rewrite(" \r\n\t{ \"a\" : [ 1 , 2 ] } ") == #"{"a":[1,2]}"#)
    }

    @Test func `every escape is understood`() throws {
        #expect(
            try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\u0000""#).string
                == "\"\\/\u{8}\u{c}\n\r\tAé😀\u{0}")
    }

    @Test(arguments: [
        #""\ud83d""#, #""\ude00""#, #""\ud83dx""#, #""\ud83d\n""#, #""\ud83d\ud83d\ude00""#,
        #""\ud83d\u0041""#,
    ])
    func `half of a surrogate pair costs one character and not the text`(text: String) throws {
        let string = try #require(try parse(text).string)
        #expect(string.hasPrefix("\u{FFFD}"))
    }

    @Test func `what follows half of a pair is kept`() throws {
        #expect(try parse(#""\ud83d\n""#).string == "\u{FFFD}\n")
        #expect(try parse(#""\ud83d\ud83d\ude00""#).string == "\u{FFFD}😀")
    }

    @Test func `bytes that are not UTF-8 are replaced`() throws {
        let value = try JSONValue(parsing: [UInt8(ascii: "\""), 0xFF, UInt8(ascii: "\"")])
        #expect(value.string == "\u{FFFD}")
    }

    @Test func `any text survives being written and read`() throws {
        let text = "\u{0}\u{1}\u{1F}\u{7F}\"\\/\r\n\u{2028}é e\u{301} 👩‍👩‍👧‍👦 \u{FFFF} \u{10FFFF} العربية"
        let value = JSONValue.string(text)
        let back = try JSONValue(parsing: value.utf8)
        #expect(Array(try #require(back.string).utf8) == Array(text.utf8))
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "{", "[", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}",
        "\"a", "\"\\x\"",
        "\"\\u12g4\"", "01", "-", "1.", "1e", ".5", "+1", "1 2", "[}", "{]", "NaN", "<html>",
    ])
    func `what is no JSON is refused`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }

    @Test func `an error says where it is`() {
        #expect(throws: JSONSyntaxError(offset: 4, reason: "expected a value")) {
            try parse("[1, ?]")
        }
    }

    @Test func `a thousand levels are read and more are refused`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        }
        #expect(try rewrite(nested(1_000)) == nested(1_000))
        #expect(throws: JSONSyntaxError.self) { try parse(nested(100_000)) }
    }

    @Test func `identifiers and counts are read from strings and numbers alike`() throws {
        let value = try parse(#"{"a":"7","b":7,"c":7.0,"d":null,"e":"x","f":1.7e3}"#)
        #expect(value["a"]?.text == "7" && value["b"]?.text == "7")
        #expect(value["a"]?.integer == 7 && value["b"]?.integer == 7 && value["c"]?.integer == 7)
        #expect(value["d"]?.integer == nil && value["e"]?.integer == nil && value["missing"] == nil)
        #expect(value["f"]?.integer == 1_700)
    }

    @Test func `types of Swift go in and out`() throws {
        struct Sample: Codable, Equatable {
            var name: String
            var tags: [String]
        }
        let sample = Sample(name: "ü\n", tags: ["a"])
        let value = try JSONValue(encoding: sample)
        #expect(value["name"]?.string == "ü\n")
        #expect(try value.decode(Sample.self) == sample)
    }

    @Test func `what needs an escape is found at every place of a text`() throws {
        for place in 0..<24 {
            for odd in ["\"", "\\", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "😀", " "] {
                let text = String(repeating: "x", count: place) + odd + String(repeating: "y", count: 23 - place) + odd
                let written = String(decoding: JSONValue.string(text).utf8, as: UTF8.self)
                #expect(try parse(written).string == text)
                #expect(try JSONDecoder().decode(String.self, from: Data(written.utf8)) == text)
            }
        }
    }
}
