import Config
import Core
import Testing

@Suite("The schema of the file")
struct SchemaTests {
    /// What the reader says that it knows in a section, by way of a key that nobody would write.
    private static func keys(in section: String) throws -> Set<String> {
        let file = section.replacing("@", with: "qqqqqqqqqqqqqqqq: 1")
        let errors = try #require(throws: ConfigurationErrors.self) {
            try Configuration.parse(
                file.utf8, file: "x.yaml", folder: "/", environment: [:], executableFolder: "/")
        }
        let hint = try #require(errors.errors.compactMap(\.hint).first { $0.hasPrefix("known here: ") }, "\(errors)")
        return Set(hint.dropFirst("known here: ".count).split(separator: ", ").map(String.init))
    }

    /// Each section of the file, and how its part of the schema is found.
    @Test(arguments: [
        ("@", []), ("server: {@}", ["server"]), ("server: {limits: {@}}", ["server", "limits"]),
        ("server: {tls: {@}}", ["server", "tls"]), ("server: {cors: {@}}", ["server", "cors"]),
        ("auth: {@}", ["auth"]), ("auth: {tokens: [{@}]}", ["auth", "tokens", "items"]), ("store: {@}", ["store"]),
        ("plugins: {@}", ["plugins"]), ("runs: {@}", ["runs"]), ("integrations: {a: {@}}", ["integrations", "*"]),
        ("integrations: {a: {limits: {@}}}", ["integrations", "*", "limits"]),
    ])
    func `the schema has exactly the keys that the reader knows`(section: String, path: [String]) throws {
        var schema = Configuration.schema()
        for name in path {
            let next =
                switch name {
                case "items": schema["items"]
                case "*": schema["additionalProperties"]
                default: schema["properties"]?[name]
                }
            schema = try #require(next, "\(path)")
        }
        let keys = Set((schema["properties"]?.members ?? []).map(\.key))
        #expect(keys == (try Self.keys(in: section)))
        #expect(schema["additionalProperties"] == false || path.isEmpty && schema["additionalProperties"] == false)
    }

    @Test func `every key says what it is for`() {
        func check(_ schema: JSONValue, _ path: String) {
            for member in schema["properties"]?.members ?? [] {
                #expect(member.value["description"]?.stringValue?.isEmpty == false, "\(path).\(member.key)")
                check(member.value, "\(path).\(member.key)")
                if let items = member.value["items"] { check(items, "\(path).\(member.key)[]") }
            }
        }
        check(Configuration.schema(), "")
    }

    @Test func `the settings of an integration are checked by its plugin's own schema`() {
        let own: JSONValue = [
            "type": "object", "required": ["size"],
            "properties": ["size": ["type": "integer", "description": "How large."], "list": ["type": "array"]],
        ]
        let schema = Configuration.schema(settings: ["folder": own])
        let settings = schema["properties"]?["integrations"]?["properties"]?["folder"]?["properties"]?["settings"]
        #expect(settings?["required"] == ["size"] && settings?["properties"]?["list"] == ["type": "array"])
        // What is no text may come from a variable, and editors still say what it is for.
        let size = settings?["properties"]?["size"]
        #expect(size?["description"] == "How large." && size?["anyOf"]?.elements?.count == 2)
        #expect(size?["anyOf"]?.elements?.first == own["properties"]?["size"])
    }
}
