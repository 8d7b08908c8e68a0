import Foundation
import Testing
import Worker

/// json_text.c against the cases that JSON readers get wrong.
@Suite struct JSONTextTests {
    /// With nothing behind the text that could be read by mistake.
    private func isObject(_ bytes: [UInt8]) -> Bool {
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: max(1, bytes.count))
        defer { buffer.deallocate() }
        for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
        return json_is_object(buffer, bytes.count)
    }

    private func accepts(_ value: String) -> Bool { isObject(Array("{\"a\":\(value)}".utf8)) }

    @Test(arguments: [
        "null", "true", "false", "0", "-0", "-1", "123", "1.5", "1e5", "1E5", "1e+5", "1e-5", "1.0E+02", "0e1",
        "0.0e-0",
        "123456789012345678901234567890", "1e308", "1e-999", "\"\"", "\"a\"", #""\"\\\/\b\f\n\r\t""#,
        #""\u0000\uFFFF\uabCD""#,
        #""\ud800""#, #""\udc00\ud800""#, "\"\u{7F}\"", "\"\u{2028}é😀\"", "[]", "[ ]", "[1,2]", "[[[]]]", "[null,{}]",
        "{}", "{ }",
        #"{"b":{"c":[]}}"#, #"{"":0}"#, #"{"a":1,"a":2}"#, " \t\r\n1 \t\r\n", "[\"\u{FEFF}\"]",
    ])
    func `JSON is accepted`(value: String) {
        #expect(accepts(value))
    }

    @Test(arguments: [
        "", "nul", "nulll", "True", "TRUE", "tru", "fals", "nan", "NaN", "Infinity", "-Infinity", "-", "+1", "--1",
        "01", "-01", "00",
        "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1E-", "1e1.5", "1e999", "-1E+400", "[1e309]", "1 2", "0x1", "1_000",
        "1,", "1a", "- 1", "1 e5", "１", "'a'", "a", "\"",
        "\"a", #""\""#, #""\a""#, #""\x41""#, #""\u""#, #""\u1""#, #""\u12""#, #""\u123""#, #""\u12G4""#, #""\U0041""#,
        #""\u 041""#, "\"\t\"",
        "\"\n\"", "\"\u{1F}\"", "\"a\"\"b\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1,,2]", "[1;2]",
        "[}", "{", "}", "{]",
        "{\"b\"}", "{\"b\":}", "{\"b\":1,}", "{,}", "{\"b\":1,,\"c\":2}", "{\"b\" 1}", "{\"b\"::1}", "{b:1}", "{'b':1}",
        "{1:1}", "{null:1}",
        "{[]:1}", "{\"b\":1 \"c\":2}", "{\"b\":1", "/**/1", "1//", "1/**/", "#1", "\u{A0}1", "\u{FEFF}1", "\u{C}1",
        "\u{B}1", "(1)", "undefined",
    ])
    func `what is not JSON is refused`(value: String) {
        #expect(!accepts(value))
    }

    @Test(arguments: [
        "", " ", "[]", "1", "null", "\"{}\"", "{}{}", "{}1", "{},", "\u{FEFF}{}", "{}\u{0}", "\u{0}{}", "{\u{0}}",
        "{}x", ":{}",
    ])
    func `a text that is not one object is refused`(text: String) {
        #expect(!isObject(Array(text.utf8)))
    }

    @Test func `an escape of NUL is none`() {
        #expect(!isObject(Array("{\"a\":\"\\".utf8) + [0] + Array("\"}".utf8)))
        #expect(!isObject(Array("{\"a\":\"".utf8) + [0] + Array("\"}".utf8)))
    }

    @Test func `every cut of a good text is refused, and does not read beyond it`() {
        let text = Array(#"  {"a":[1.5e-3,true,false,null,"\u00e9\n"],"b":{"c":-0}}"#.utf8)
        #expect(isObject(text))
        for size in 0..<text.count { #expect(!isObject(Array(text.prefix(size)))) }
    }

    @Test func `nesting is limited, and not by the stack`() {
        func nested(_ open: String, _ close: String, _ depth: Int) -> [UInt8] {
            Array(
                ("{\"a\":" + String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth) + "}")
                    .utf8)
        }
        #expect(isObject(nested("[", "]", 500)))
        #expect(!isObject(nested("[", "]", 513)))
        #expect(!isObject(nested("[", "]", 1_000_000)))
        #expect(!isObject(nested("{\"b\":", "}", 1_000_000)))
        #expect(!isObject(Array(String(repeating: "{\"b\":", count: 1_000_000).utf8)))
    }

    @Test func `a number of thousands of digits is refused, however small it is`() {
        #expect(accepts("0." + String(repeating: "1", count: 300)))
        #expect(!accepts(String(repeating: "1", count: 100_000)))
        #expect(!accepts("0." + String(repeating: "0", count: 100_000)))
    }

    @Test func `members are walked over in their order, with keys and values as they stand`() {
        let text = " { \"a\" : 1 , \"b\\u0041\":[1, {\"x\":2}] ,\"\":\"}\"} "
        #expect(
            members(Array(text.utf8)) == [["\"a\"", "1"], ["\"b\\u0041\"", "[1, {\"x\":2}]"], ["\"\"", "\"}\""]])
        #expect(members(Array("{}".utf8)) == [])
    }

    @Test func `elements of an array are walked over, each as it stands`() {
        let text = Array("[ 1 ,\"],\" , [2, 3],{\"a\":[]} ]".utf8).map { CChar(bitPattern: $0) }
        text.withUnsafeBufferPointer { text in
            var elements = json_elements(text.baseAddress, text.count)
            var found: [String] = []
            var value = json_slice()
            while json_next_element(&elements, &value) {
                found.append(
                    String(decoding: UnsafeRawBufferPointer(start: value.bytes, count: value.size), as: UTF8.self))
            }
            #expect(found == ["1", "\"],\"", "[2, 3]", "{\"a\":[]}"])
        }
        for empty in ["[]", "[ ]"] {
            Array(empty.utf8).map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { text in
                var elements = json_elements(text.baseAddress, text.count)
                var value = json_slice()
                #expect(!json_next_element(&elements, &value))
            }
        }
    }

    private func members(_ bytes: [UInt8]) -> [[String]] {
        bytes.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { text in
            var members = json_members(text.baseAddress, text.count)
            var found: [[String]] = []
            var key = json_slice()
            var value = json_slice()
            while json_next_member(&members, &key, &value) {
                found.append(
                    [key, value].map {
                        String(decoding: UnsafeRawBufferPointer(start: $0.bytes, count: $0.size), as: UTF8.self)
                    })
            }
            return found
        }
    }

    private func unescaped(_ string: String) -> [UInt8] {
        let bytes = Array(string.utf8).map { CChar(bitPattern: $0) }
        return bytes.withUnsafeBufferPointer { text in
            [UInt8](unsafeUninitializedCapacity: text.count) { out, count in
                count = out.withMemoryRebound(to: CChar.self) {
                    json_unescape(json_slice(bytes: text.baseAddress, size: text.count), $0.baseAddress!)
                }
            }
        }
    }

    @Test(arguments: [
        (#""""#, ""), (#""a\"b""#, "a\"b"), (#""\u0000""#, "\0"),
        (#""\u007f\u0080\u07ff\u0800\uffff""#, "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}"),
        (#""\ud800\udc00\udbff\udfff""#, "\u{10000}\u{10FFFF}"), (#""\ud83d""#, "\u{FFFD}"),
        (#""\ude00x""#, "\u{FFFD}x"),
        (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""\\u0041""#, #"\u0041"#),
        (#""\/""#, "/"),
    ])
    func `strings are unescaped`(string: String, text: String) {
        #expect(unescaped(string) == Array(text.utf8))
    }

    @Test func `random texts are judged as another reader judges them, and never crash`() {
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\", "\\n", "\\u0041", "1", "-", "0", ".", "e", "null",
            "true", " ", "\n", "é", "{\"b\":",
        ]
        var accepted = 0
        for _ in 0..<100_000 {
            let text = "{\"a\":" + (0..<Int.random(in: 0..<8)).map { _ in pieces.randomElement()! }.joined() + "}"
            let bytes = Array(text.utf8)
            let isAccepted = isObject(bytes)
            let isJSON = (try? JSONSerialization.jsonObject(with: Data(bytes))) != nil  // an error is an answer
            let isForgiven = text.contains(/,[ \n]*[}\]]/)  // a comma too many, which Foundation overlooks
            #expect(isAccepted == isJSON || !isAccepted && isForgiven, "\(text)")
            if isAccepted {
                accepted += 1
                #expect(!members(bytes).isEmpty)
            }
        }
        #expect(accepted > 100)
    }

    @Test func `mutations of a good text never crash`() {
        let good = Array(#"{"a":[1.5e-3,true,"\ud83d\ude00\n"],"b":{"c":-0,"d":null}}"#.utf8)
        for _ in 0..<100_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1..<4) { bytes[Int.random(in: 0..<bytes.count)] = .random(in: 0...255) }
            if Bool.random() { bytes.removeLast(.random(in: 0..<bytes.count)) }
            if isObject(bytes) { _ = members(bytes) }
        }
    }

    @Test func `what ends a string is found at every place in it`() {
        for place in 0..<24 {
            let text = String(repeating: "é", count: place / 2) + String(repeating: "x", count: place % 2)
            let plain = String(repeating: "y", count: 17)
            #expect(accepts("\"\(text)\""))
            #expect(accepts("\"\(text)\\n\(plain)\""))
            for wrong in ["\u{1F}", "\n", "\"", "\\x"] { #expect(!accepts("\"\(text)\(wrong)\(plain)\""), "\(place)") }
        }
    }
}
