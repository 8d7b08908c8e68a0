import Core
import Testing

@Suite struct JSONValueTests {
    // MARK: Writing

    @Test func `keys keep their order`() {
        let value: JSONValue = ["z": 1, "a": 2, "m": ["y": nil, "b": true], "0": []]
        #expect(value.text == #"{"z":1,"a":2,"m":{"y":null,"b":true},"0":[]}"#)
    }

    @Test func `text has no line break and no control character, whatever the strings hold`() throws {
        for code in UInt8(0)...0x7F {
            let string = "a" + String(UnicodeScalar(code)) + "b"
            let text = JSONValue.object([.init(string, .string(string))]).text
            #expect(!text.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "byte \(code)")
            #expect(try JSONValue(parsing: text).members?.first?.value.stringValue == string)
        }
    }

    @Test(arguments: [
        ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#), ("\u{8}", #""\u0008""#), ("\u{1F}", #""\u001f""#),
        ("\0", #""\u0000""#), ("\r\n", #""\r\n""#), ("\u{2028}\u{2029}", "\"\u{2028}\u{2029}\""),
        ("😀", "\"😀\""), ("\u{FEFF}", "\"\u{FEFF}\""), ("e\u{301}", "\"e\u{301}\""),
    ])
    func `strings are escaped where they must be, and nowhere else`(string: String, text: String) {
        #expect(Array(JSONValue.string(string).text.utf8) == Array(text.utf8))
    }

    @Test(arguments: [
        (JSONValue.number(.nan), "null"), (.number(.infinity), "null"), (.number(-.infinity), "null"),
        (.number(-0.0), "0"), (.number(6.7), "6.7"), (.number(100), "100"), (.number(1e300), "1e+300"),
        (.number(.leastNonzeroMagnitude), "5e-324"), (.integer(.min), "-9223372036854775808"),
        (.integer(.max), "9223372036854775807"), (.number(0x1p63), "9.223372036854776e+18"),
    ])
    func `numbers are JSON, whole ones without a point`(value: JSONValue, text: String) {
        #expect(value.text == text)
    }

    @Test func `every double that is written is read as the same double`() throws {
        for _ in 0..<20_000 {
            let number = Double(bitPattern: .random(in: 0 ... .max))
            guard number.isFinite else { continue }
            switch try JSONValue(parsing: JSONValue.number(number).text) {
            case .number(let read): #expect(read == number)
            case .integer(let read): #expect(Double(read) == number)
            default: Issue.record("\(number) is read as something else")
            }
        }
    }

    @Test func `raw text goes through untouched`() {
        #expect(JSONValue.object([.init("m", .raw(#"{"n":1.50}"#))]).text == #"{"m":{"n":1.50}}"#)
    }

    // MARK: Reading

    @Test(arguments: [
        ("null", JSONValue.null), (" true ", true), ("-0", .integer(0)), ("12", 12), ("1.5", 1.5), ("1e2", 100),
        (#""\u00e9\ud83d\ude00\/""#, "é😀/"), ("[]", .array([])), ("{}", .object([])),
        ("\t{\"a\" : [1 , 2]}\r\n", .object([.init("a", .array([1, 2]))])),
        ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(0x1p63)),
    ])
    func `JSON is read`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "True", "'a'", "{a:1}", "[,1]", "[1,,]", #"{"a":1,,}"#, "01", "1.", ".5", "+1", "1e", "0x1",
        "NaN",
        "Infinity", "// c\n1", "/* c */1", "{} {}", "1 2", "\"a", "\"\n\"", "\"\t\"", #""\x""#, #""\u12""#, "[", "{",
        #"{"a""#, #"{"a":"#, #"{"a" 1}"#, "]", #""\ud800""#,
    ])
    func `what is not JSON is an error and never a value`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
    }

    @Test func `one comma too many at the end is forgiven, as Foundation does`() throws {
        #expect(try JSONValue(parsing: #"{"a":[1,],}"#) == ["a": .array([1])])
    }

    @Test func `bytes that are not UTF-8 are an error`() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22] as [UInt8]) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x22] as [UInt8]) }
    }

    @Test func `numbers beyond every type are an error, and no crash`() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: "1e999") }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: "[-1e999999999]") }
    }

    @Test func `deep nesting is refused, and reasonable nesting is read`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try JSONValue(parsing: nested(100)).text == nested(100))
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(100_000)) }
        let objects = String(repeating: #"{"a":"#, count: 100_000)
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: objects) }
    }

    @Test func `random bytes never crash the reader`() {
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d800", "1", "-", ".", "e9", "null", "true", " ", "\u{1}",
            "é",
        ]
        for _ in 0..<50_000 {
            let text = (0..<Int.random(in: 0..<12)).map { _ in pieces.randomElement()! }.joined()
            if let value = try? JSONValue(parsing: text) {  // most are no JSON, and that is right
                #expect((try? JSONValue(parsing: value.text)) == value, "\(text)")  // what is written can be read
            }
        }
    }

    // MARK: Using

    @Test func `a key is replaced in place, appended, and removed`() {
        var value: JSONValue = ["a": 1, "b": 2]
        value["a"] = 3
        value["c"] = 4
        value["b"] = nil
        value["x"] = nil
        #expect(value.text == #"{"a":3,"c":4}"#)
        var array: JSONValue = [1]
        array["a"] = 1
        #expect(array == [1])
    }

    @Test func `objects are equal in whatever order, arrays are not`() {
        #expect(["a": 1, "b": 2] as JSONValue == ["b": 2, "a": 1])
        #expect([1, 2] as JSONValue != [2, 1])
        #expect(["a": 1] as JSONValue != ["a": 1, "b": nil])
        #expect(JSONValue.integer(1) == .number(1))
        #expect(JSONValue.integer(1) != .bool(true))
    }

    @Test func `a whole number is an integer, a broken one is not`() {
        #expect(JSONValue.number(3).integerValue == 3)
        #expect(JSONValue.number(3.5).integerValue == nil)
        #expect(JSONValue.number(1e30).integerValue == nil)
        #expect(JSONValue.string("3").integerValue == nil)
    }
}
