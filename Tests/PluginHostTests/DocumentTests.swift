import Core
import Testing

@testable import PluginHost

@Suite struct DocumentTests {
    private static let key = DocumentKey(collection: "pages", externalID: "1")

    private func document(_ json: [UInt8]) -> DocumentDraft? {
        json.withUnsafeBytes { DocumentDraft(key: Self.key, json: $0) }
    }

    private func read(_ json: String) throws -> DocumentDraft {
        try #require(document(Array(json.utf8)), "\(json)")
    }

    private static let full = #"""
        {"title":"T","content":"C","contentType":"text/plain","url":"https://x/1","revision":"r1","scope":"s",
         "parent":{"collection":"docs","id":"d"},"position":2.5,"path":["A","B"],"createdAt":"2026-01-01T00:00:00Z",
         "updatedAt":"2026-01-02T00:00:00Z","authors":[{"name":"N"}],"metadata":{"k":1}}
        """#

    @Test func `every key that the host knows has its field`() throws {
        let draft = try read(Self.full)
        #expect(draft.key == Self.key)
        #expect(draft.title == "T" && draft.content == "C" && draft.contentType == "text/plain")
        #expect(draft.url == "https://x/1" && draft.revision == "r1" && draft.scope == "s")
        #expect(draft.parent == DocumentKey(collection: "docs", externalID: "d"))
        #expect(draft.position == 2.5 && draft.path == ["A", "B"])
        #expect(draft.createdAt == "2026-01-01T00:00:00Z" && draft.updatedAt == "2026-01-02T00:00:00Z")
        #expect(draft.authors == #"[{"name":"N"}]"#)
        #expect(draft.metadata == #"{"k":1}"#)
        #expect(draft.contentHash.utf8.count == 64)
    }

    @Test func `an empty object is a document with nothing in it`() throws {
        let draft = try read(" {} ")
        #expect(draft.title == "" && draft.content == "" && draft.contentType == "text/markdown")
        #expect(draft.url == nil && draft.parent == nil && draft.position == nil && draft.path == [])
        #expect(draft.authors == "[]" && draft.metadata == "{}")
    }

    @Test(arguments: [
        "", " ", "[]", "null", "1", "\"{}\"", "{", "}", "{} {}", "{}x", "x{}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{,}",
        "{'a':1}", "{\"a\":01}", "{\"a\":1e}", "{\"position\":1e999}", "{\"a\":\"\u{1}\"}", "{\"a\":tru}", "\u{FEFF}{}",
        "{\"a\":[1}",
    ])
    func `what is not one JSON object is no document`(text: String) {
        #expect(document(Array(text.utf8)) == nil)
    }

    // MARK: What does not fit

    @Test(arguments: [
        ("title", "1"), ("title", "true"), ("title", "[\"a\"]"), ("title", #"{"a":1}"#), ("content", "1.50"),
        ("contentType", "[]"),
        ("url", "false"), ("revision", "7"), ("scope", "{}"), ("parent", "\"x\""), ("parent", #"{"collection":"c"}"#),
        ("parent", #"{"collection":1,"id":"x"}"#), ("position", "\"1\""), ("path", "\"A\""),
        ("path", #"["A",1]"#), ("path", #"[null]"#), ("createdAt", "1700000000"), ("updatedAt", "{}"),
        ("authors", "\"N\""),
        ("authors", #"{"name":"N"}"#),
    ])
    func `a known key with a value of the wrong type is kept in the metadata, as it was`(key: String, value: String)
        throws
    {
        let draft = try read(#"{"\#(key)":\#(value),"metadata":{"m":1}}"#)
        #expect(draft.metadata == #"{"\#(key)":\#(value),"m":1}"#)
        let empty = try read("{}")
        #expect(draft.title == empty.title && draft.content == empty.content && draft.contentType == empty.contentType)
        #expect(draft.parent == nil && draft.position == nil && draft.path == [] && draft.authors == "[]")
    }

    @Test func `unknown keys are kept in the metadata, as they were`() throws {
        let draft = try read(
            #"{"x":1.50,"title":"T","y":{"b":[1, 2]},"\u0041\"":null,"metadata":{"m":18446744073709551616}}"#)
        #expect(draft.title == "T")
        #expect(draft.metadata == #"{"x":1.50,"y":{"b":[1, 2]},"A\"":null,"m":18446744073709551616}"#)
    }

    @Test(arguments: ["1", "\"x\"", "[1]", "true"])
    func `metadata that is no object is kept under its name`(value: String) throws {
        #expect(try read(#"{"metadata":\#(value)}"#).metadata == #"{"metadata":\#(value)}"#)
    }

    @Test func `null is the same as nothing`() throws {
        let nulls = try read(
            #"{"title":null,"content":null,"contentType":null,"url":null,"revision":null,"scope":null,"parent":null,"position":null,"path":null,"createdAt":null,"updatedAt":null,"authors":null,"metadata":null}"#
        )
        let empty = try read("{}")
        #expect(nulls.contentHash == empty.contentHash)
        #expect(
            nulls.metadata == "{}" && nulls.authors == "[]" && nulls.contentType == "text/markdown"
                && nulls.revision == nil)
    }

    @Test func `an unknown key that is null stays`() throws {
        #expect(try read(#"{"x":null}"#).metadata == #"{"x":null}"#)
    }

    @Test func `metadata is always one JSON object`() throws {
        let pieces = [
            #""title":1"#, #""metadata":{"a":1}"#, #""metadata":null"#, #""metadata":[]"#, #""x":"\n\u0000\ud800""#,
            #""":{}"#, #""metadata":{}"#, #""é":"\"""#, #""x":[[[]]]"#,
        ]
        for _ in 0..<3000 {
            let members = (0..<Int.random(in: 0..<5)).map { _ in pieces.randomElement()! }
            let draft = try read("{" + members.joined(separator: ",") + "}")
            #expect(document(Array(draft.metadata.utf8)) != nil, "\(members)")
        }
    }

    // MARK: Text

    @Test func `escapes are read, also of keys`() throws {
        let draft = try read(#"{"\u0074itle":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00","content":"a\u0000b"}"#)
        #expect(draft.title == "\"\\/\u{8}\u{C}\n\r\tAé€😀")
        #expect(draft.content == "a\0b")
    }

    @Test(arguments: [#"\ud800"#, #"\udc00"#, #"\ud800x"#, #"\ud800\u0041"#, #"\ud800\ud800\udc00"#, #"\udc00\ud800"#])
    func `half a surrogate pair becomes a replacement character, and nothing is lost`(escape: String) throws {
        let draft = try read(#"{"title":"<\#(escape)>"}"#)
        #expect(draft.title.hasPrefix("<") && draft.title.hasSuffix(">"))
        #expect(draft.title.unicodeScalars.contains("\u{FFFD}"))
        #expect(draft.title.contains("A") == escape.contains("0041"))
    }

    @Test func `invalid UTF-8 is repaired, and a document all the same`() throws {
        let bytes =
            Array(#"{"title":"a"#.utf8) + [0xFF, 0xC3] + Array(#"b","x":""#.utf8) + [0xED, 0xA0, 0x80]
            + Array(#""}"#.utf8)
        let draft = try #require(document(bytes))
        #expect(draft.title == "a\u{FFFD}\u{FFFD}b")
        #expect(draft.metadata.unicodeScalars.contains("\u{FFFD}"))
    }

    @Test func `two megabytes in any script stay byte for byte`() throws {
        let content = String(repeating: "Grüße 世界 😀 \u{2028}\t\"quoted\" \\ \u{301}\n", count: 60_000)
        #expect(content.utf8.count > 2 << 20)
        let draft = try read(JSONValue.object([.init("content", .string(content))]).text)
        #expect(Array(draft.content.utf8) == Array(content.utf8))
    }

    @Test func `a key that stands twice does not end anything`() throws {
        #expect(try read(#"{"title":"a","title":"b"}"#).title == "b")
        #expect(try read(#"{"x":1,"x":2}"#).metadata == #"{"x":1,"x":2}"#)
    }

    // MARK: The hash

    @Test(arguments: [
        (#""title":"T""#, #""title":"t""#), (#""content":"C""#, #""content":"C ""#),
        (#""text/plain""#, #""text/html""#),
        ("https://x/1", "https://x/2"), (#""collection":"docs""#, #""collection":"doc""#), (#""id":"d""#, #""id":"e""#),
        ("2.5", "2.25"), (#"["A","B"]"#, #"["B","A"]"#), (#"["A","B"]"#, #"["AB"]"#), (#"["A","B"]"#, #"["A","B",""]"#),
        ("2026-01-01", "2026-01-03"), ("2026-01-02", "2026-01-04"), (#""name":"N""#, #""name":"M""#),
        (#""k":1"#, #""k":2"#),
        (#""k":1"#, #""l":1"#), (#""k":1"#, #""k":1,"l":null"#), (#""k":1"#, #""k":"1""#), (#""k":1"#, #""k":true"#),
        (#""k":1"#, #""k":[1]"#), (#""metadata""#, #""other""#), (#""title":"T","#, ""), (#""position":2.5,"#, ""),
    ])
    func `the hash depends on every field`(old: String, new: String) throws {
        let changed = Self.full.replacing(old, with: new)
        try #require(changed != Self.full)
        #expect(try read(changed).contentHash != read(Self.full).contentHash)
    }

    @Test func `the hash does not depend on what the source calls the version`() throws {
        #expect(try read(Self.full.replacing(#""r1""#, with: #""r2""#)).contentHash == read(Self.full).contentHash)
    }

    @Test func `the hash does not depend on white space, order, or how a text is escaped`() throws {
        let one = try read(#"{"title":"é/","metadata":{"a":1,"b":{"c":[1,2],"d":null}},"x":"y"}"#)
        let other = try read(
            "{ \"x\" : \"y\" , \"metadata\" : {\n\"b\" : { \"d\" : null , \"c\" : [ 1 , 2 ] } , \"a\" : 1 } , \"title\" : \"\\u00e9\\/\" }"
        )
        #expect(one.contentHash == other.contentHash)
    }

    @Test func `the hash tells numbers apart that a double cannot`() throws {
        let hashes = try ["18446744073709551616", "18446744073709551617", "0.1", "0.10000000000000000001"]
            .map { try read(#"{"metadata":{"n":\#($0)}}"#).contentHash }
        #expect(Set(hashes).count == 4)
    }

    @Test func `the hash does not depend on order beside texts that no decoder takes`() throws {
        let one = try read(#"{"metadata":{"a":"\ud800","b":1}}"#)
        let other = try read(#"{"metadata":{"b":1,"a":"\ud800"}}"#)
        #expect(one.contentHash == other.contentHash)
    }

    @Test func `fields do not run into each other in the hash`() throws {
        let documents = [
            #"{"title":"ab"}"#, #"{"title":"a","content":"b"}"#, #"{"content":"ab"}"#, #"{"url":""}"#, #"{}"#,
            #"{"path":["a","b"]}"#,
            #"{"path":["ab"]}"#, #"{"path":["a"],"createdAt":"b"}"#, #"{"createdAt":"a"}"#, #"{"updatedAt":"a"}"#,
            #"{"path":[""]}"#,
        ]
        #expect(Set(try documents.map { try read($0).contentHash }).count == documents.count)
    }

    @Test func `keys are ordered as texts for the hash, however they are escaped`() throws {
        let one = try read(#"{"metadata":{"a":1,"a !":{"é":"\u007f","e":"\/"},"b":3}}"#)
        let other = try read(
            "{\"metadata\":{\"b\":3,\"a !\":{\"e\":\"/\",\"\\u00e9\":\"\u{7F}\"},\"\\u0061\":1}}")
        #expect(one.contentHash == other.contentHash)
    }

    @Test(arguments: [
        (#"["\u0041","\ud83d\ude00"]"#, ["A", "😀"]), (#"["a\"b" , "" ]"#, ["a\"b", ""]), ("[]", []),
    ])
    func `a path is read with its escapes`(json: String, path: [String]) throws {
        #expect(try read(#"{"path":\#(json)}"#).path == path)
    }
}
