import Testing

@testable import PluginKit

@Suite struct DocumentTests {
    @Test func `what is absent is left out`() {
        #expect(String(decoding: Document(collection: "c", id: "1").json, as: UTF8.self) == "{}")
    }

    @Test func `every part has the contract's key`() throws {
        var document = Document(collection: "pages", id: "p1")
        document.title = "T"
        document.content = "# Hé\u{0}\n"
        document.contentType = "text/markdown"
        document.url = "https://example.com/1"
        document.revision = "r"
        document.scope = "s"
        document.parent = .init(collection: "docs", id: "d1")
        document.position = 2
        document.path = ["Space", "Doc"]
        document.createdAt = Timestamp(milliseconds: 0)
        document.updatedAt = Timestamp(milliseconds: 1)
        document.authors = ["Ada"]
        document.metadata = [.init("archived", false)]
        let expected: JSONValue = [
            "title": "T", "content": "# Hé\u{0}\n", "contentType": "text/markdown",
            "url": "https://example.com/1",
            "revision": "r", "scope": "s", "parent": ["collection": "docs", "id": "d1"],
            "position": 2,
            "path": ["Space", "Doc"], "createdAt": "1970-01-01T00:00:00.000Z",
            "updatedAt": "1970-01-01T00:00:00.001Z",
            "authors": ["Ada"], "metadata": ["archived": false],
        ]
        #expect(try JSONValue(parsing: document.json) == expected)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_164_799_999, "2024-02-28T23:59:59.999Z"),
            (1_735_689_599_001, "2024-12-31T23:59:59.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (Int64.max, "9999-12-31T23:59:59.999Z"), (Int64.min, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func `a timestamp is RFC 3339`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }
}
