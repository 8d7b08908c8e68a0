import Config
import Core
import Testing

@Suite("A first file for a plugin")
struct InitialFileTests {
    private static let settings: JSONValue = [
        "type": "object", "required": ["api_token", "kind", "lists", "size"],
        "properties": [
            "api_token": ["type": "string", "title": "API token", "description": "Starts with pk_.", "x-secret": true],
            "kind": ["enum": ["small: one", "large"]],
            "lists": ["type": "array", "items": ["type": "string"]],
            "size": ["type": "integer", "minimum": 3, "maximum": 9],
            "base_url": ["type": "string", "default": "https://api.example.com/$v1#x", "title": "Address"],
            "answer": ["type": "boolean", "default": false],
            "path": [
                "type": "string", "x-path": true,
                "description":
                    "A folder\nof files \u{1B}[31m with a text that is much longer than a line of a file should be, if a person is to read it.",
            ],
        ],
    ]

    private static func file(_ settings: JSONValue = settings, plugin: String = "libClickUp.so") -> InitialFile {
        InitialFile(
            integration: "clickup", plugin: plugin, directory: "build dir/$x", displayName: "Click: \"Up\" # one",
            settings: settings, schemaFile: "integrations.schema.json")
    }

    private static func parse(_ text: String, _ environment: [String: String]) throws -> Configuration {
        try Configuration.parse(
            text.utf8, file: "integrations.yaml", folder: "/etc", environment: environment, executableFolder: "/bin")
    }

    @Test func `the first line names the schema for editors`() {
        #expect(Self.file().text.hasPrefix("# yaml-language-server: $schema=integrations.schema.json\n"))
    }

    @Test func `with its variables set, the file is one that the daemon takes, with the same values`() throws {
        let file = Self.file()
        #expect(file.variables == ["CLICKUP_API_TOKEN", "CLICKUP_SIZE"])
        let configuration = try Self.parse(file.text, ["CLICKUP_API_TOKEN": "pk_1", "CLICKUP_SIZE": "4"])
        let integration = try #require(configuration.integrations.first)
        #expect(integration.name == "clickup" && integration.plugin == "libClickUp.so")
        #expect(integration.displayName == "Click: \"Up\" # one")
        #expect(configuration.plugins.directories == ["/etc/build dir/$x"])
        #expect(integration.settings["api_token"] == "pk_1" && integration.settings["kind"] == "small: one")
        #expect(integration.settings["lists"] == .array([]))
    }

    @Test func `without them it says which is missing`() throws {
        let error = try #require(throws: ConfigurationErrors.self) { try Self.parse(Self.file().text, [:]) }
        #expect(error.errors.count == 2 && error.description.contains("CLICKUP_API_TOKEN"))
    }

    @Test func `every comment that is a setting can be used as it is`() throws {
        let text = Self.file().text.replacing("      # base_url:", with: "      base_url:").replacing(
            "      # answer:", with: "      answer:"
        ).replacing("    # timeout:", with: "    timeout:")
            .replacing("    # schedule:", with: "    schedule:").replacing("    # limits:", with: "    limits:")
        let configuration = try Self.parse(text, ["CLICKUP_API_TOKEN": "pk_1", "CLICKUP_SIZE": "4"])
        #expect(configuration.integrations[0].settings["base_url"] == "https://api.example.com/$v1#x")
        #expect(configuration.integrations[0].settings["answer"] == false)
        #expect(
            configuration.integrations[0].timeout == .seconds(7200) && configuration.integrations[0].schedule != nil)
    }

    @Test func `comments say what a setting is for, and no text of a plugin breaks out of them`() {
        let text = Self.file().text
        #expect(
            text.contains("      # API token. Starts with pk_. (a secret)\n      api_token: ${CLICKUP_API_TOKEN}\n"))
        #expect(text.contains("      # (at least 3; at most 9)\n      size: ${CLICKUP_SIZE}\n"))
        #expect(text.contains("      # (one of \"small: one\", \"large\")\n      kind: \"small: one\"\n"))
        #expect(!text.contains("\u{1B}"))
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count < 120 })
    }

    @Test func `a plugin that needs nothing has a file that works at once`() throws {
        for settings in [[:], ["type": "object", "properties": ["a": ["type": "string"]]]] as [JSONValue] {
            #expect(try Self.parse(Self.file(settings).text, [:]).integrations.count == 1)
        }
    }

    @Test(arguments: [
        ("libClickUp.so", "clickup"), ("folder.so", "folder"), ("lib.so", "lib"), ("my_Plugin 2.so", "my-plugin-2"),
        ("--.so", "plugin"), ("libÜber.so", "ber"),
    ])
    func `the integration is called as the file is`(file: String, name: String) {
        #expect(InitialFile.integrationName(ofPlugin: file) == name)
    }
}
