import Core
import Testing

@testable import PluginHost

@Suite struct SettingsSchemaTests {
    private static let clickup: JSONValue = [
        "type": "object",
        "required": ["workspace_id", "api_token"],
        "additionalProperties": false,
        "properties": [
            "workspace_id": ["type": "string", "pattern": "^[0-9]+$", "title": "Workspace"],
            "api_token": ["type": "string", "minLength": 3, "x-secret": true],
            "webhook_secret": ["type": "string", "x-secret": true],
            "base_url": ["type": "string", "default": "https://api.clickup.com"],
            "depth": [
                "type": "integer", "minimum": 1, "maximum": 30, "default": 30, "x-run-option": true,
            ],
            "ratio": ["type": "number"],
            "archived": ["type": "boolean", "default": false, "x-run-option": true],
            "mode": [
                "enum": ["full", "changes"], "description": "What to read", "x-run-option": true,
            ],
            "version": ["const": 2],
            "folder": ["type": "string", "x-path": "read"],
            "spaces": [
                "type": "array", "minItems": 1, "maxItems": 2,
                "items": ["type": "string", "maxLength": 4],
            ],
            "limit": ["type": ["integer", "null"]],
            "nested": [
                "type": "object",
                "additionalProperties": ["type": "integer"],
                "properties": [
                    "files": ["type": "array", "items": ["type": "string", "x-path": "read"]]
                ],
            ],
        ],
    ]

    private static let good: JSONValue = ["workspace_id": "9001", "api_token": "pk_1"]

    private func schema() throws -> SettingsSchema { try SettingsSchema(parsing: Self.clickup) }

    /// The good settings with others over them.
    private func settings(_ changes: JSONValue = [:]) -> JSONValue {
        var settings = Self.good
        for member in changes.members ?? [] { settings[member.key] = member.value }
        return settings
    }

    private func validate(
        _ changes: JSONValue, fromVariables: Set<[JSONPathElement]> = []
    ) throws -> JSONValue {
        try schema().validate(settings(changes), fromVariables: fromVariables).settings
    }

    private func problems(
        _ settings: JSONValue, fromVariables: Set<[JSONPathElement]> = []
    ) throws -> [SettingsProblem] {
        let schema = try schema()
        do throws(SettingsProblems) {
            _ = try schema.validate(settings, fromVariables: fromVariables)
            return []
        } catch {
            return error.problems
        }
    }

    // MARK: What the plugin gets

    @Test func `defaults are filled in and secrets are taken out`() throws {
        let result = try schema().validate(Self.good)
        #expect(
            result.settings == [
                "workspace_id": "9001", "base_url": "https://api.clickup.com", "depth": 30,
                "archived": false,
            ])
        #expect(result.secrets == ["api_token": Secret("pk_1")])
        #expect(!result.settings.text.contains("pk_1"))
        #expect(!"\(result)".contains("pk_1"))
    }

    @Test func `what is given stands before the defaults, in its order`() throws {
        let result = try validate(["depth": 3, "archived": true])
        #expect(
            result.text
                == #"{"workspace_id":"9001","depth":3,"archived":true,"base_url":"https://api.clickup.com"}"#
        )
    }

    @Test func `text from variables becomes what the schema wants`() throws {
        let changes: JSONValue = [
            "depth": "7", "ratio": "0.5", "archived": "true", "limit": "null", "base_url": "123",
            "nested": ["x": "8"],
        ]
        let result = try validate(
            changes,
            fromVariables: [
                [.key("depth")], [.key("ratio")], [.key("archived")], [.key("limit")],
                [.key("base_url")], [.key("nested"), .key("x")],
            ])
        #expect(result["depth"] == 7)
        #expect(result["ratio"] == 0.5)
        #expect(result["archived"] == true)
        #expect(result["limit"] == .null)
        #expect(result["base_url"] == "123")
        #expect(result["nested"] == ["x": 8])
    }

    @Test func `text from a variable that does not look like it stays wrong`() throws {
        let found = try problems(
            settings(["depth": "7x", "archived": "yes"]),
            fromVariables: [[.key("depth")], [.key("archived")]])
        #expect(
            found.map(\.message) == [
                #""depth" must be an integer, not the variable's text"#,
                #""archived" must be a boolean, not the variable's text"#,
            ])
    }

    @Test func `text from a variable stays text where the schema takes text`() throws {
        let schema = try SettingsSchema(parsing: [
            "properties": ["a": ["type": ["integer", "string"]]]
        ])
        let result = try schema.validate(["a": "5"], fromVariables: [[.key("a")]])
        #expect(result.settings["a"] == "5")
    }

    @Test func `an empty variable leaves an optional setting out`() throws {
        let paths: Set<[JSONPathElement]> = [
            [.key("base_url")], [.key("depth")], [.key("webhook_secret")],
        ]
        let result = try schema().validate(
            settings(["base_url": "", "depth": "", "webhook_secret": ""]), fromVariables: paths)
        #expect(result.settings["base_url"] == "https://api.clickup.com")
        #expect(result.settings["depth"] == 30)
        #expect(result.secrets.keys.sorted() == ["api_token"])
        // Written by hand, it is an empty string.
        #expect(try validate(["base_url": ""])["base_url"] == "")
    }

    @Test func `an empty variable does not leave a required setting out`() throws {
        let found = try problems(settings(["api_token": ""]), fromVariables: [[.key("api_token")]])
        #expect(found.map(\.message) == [#""api_token" is empty"#])
    }

    @Test func `a whole number may be written with a point`() throws {
        #expect(try validate(["depth": 3.0]).text.contains(#""depth":3,"#))
        #expect(try validate(["ratio": 3])["ratio"] == 3)
    }

    @Test func `paths are relative to the file`() throws {
        let changes: JSONValue = ["folder": "./docs/../x", "nested": ["files": ["/a", "b"]]]
        let result = try schema().validate(settings(changes), pathsRelativeTo: "/etc/integrationd")
        #expect(result.settings["folder"] == "/etc/integrationd/docs/../x")
        #expect(Set(result.paths) == ["/etc/integrationd/docs/../x", "/a", "/etc/integrationd/b"])
        #expect(try schema().validate(settings(changes)).settings["folder"] == "./docs/../x")
    }

    @Test func `without a schema any object will do`() throws {
        let result = try SettingsSchema.anything.validate(["a": [1]])
        #expect(result == ValidatedSettings(settings: ["a": [1]], secrets: [:], paths: []))
        #expect(throws: SettingsProblems.self) { try SettingsSchema.anything.validate([1]) }
    }

    // MARK: What is wrong

    @Test func `all problems are found at once, each at its place`() throws {
        let found = try problems([
            "workspace_id": 9001, "depth": 31, "mode": "ful", "version": 3,
            "spaces": ["ok", "toolong", 5],
            "worspace_id": "x", "nested": ["x": "y"],
        ])
        let shown = found.map { "\($0.message) (\($0.hint ?? "-"))" }
        #expect(
            shown == [
                #""workspace_id" must be a string, not an integer (put it in quotes)"#,
                #""depth" must be at most 30 (-)"#,
                #""mode" must be one of "full", "changes" (did you mean "full"?)"#,
                #""version" must be 2 (-)"#,
                #""spaces" must have at most 2 elements (-)"#,
                #""spaces[1]" must have at most 4 characters (-)"#,
                #""spaces[2]" must be a string, not an integer (put it in quotes)"#,
                #"unknown setting "worspace_id" (did you mean "workspace_id"?)"#,
                #""nested.x" must be an integer, not a string (-)"#,
                #""api_token" is missing (-)"#,
            ])
        #expect(found[5].path == [.key("spaces"), .index(1)])
        #expect(found.map(\.isAboutKey).count { $0 } == 1 && found[7].isAboutKey)
        #expect(found[9].path == [.key("api_token")])
    }

    @Test(
        "each keyword refuses what it should",
        arguments: [
            (["workspace_id": "12a"], #""workspace_id" must match the pattern ^[0-9]+$"#),
            (["depth": 0], #""depth" must be at least 1"#),
            (["depth": 1.5], #""depth" must be an integer, not a number"#),
            (["depth": "5"], #""depth" must be an integer, not a string"#),
            (["ratio": "0.5"], #""ratio" must be a number, not a string"#),
            (["archived": nil], #""archived" must be a boolean, not null"#),
            (["limit": []], #""limit" must be an integer or null, not an array"#),
            (["spaces": []], #""spaces" must have at least 1 element"#),
            (["spaces": [:]], #""spaces" must be an array, not an object"#),
            (["mode": 1], #""mode" must be one of "full", "changes""#),
            (["api_token": "ab"], #""api_token" must have at least 3 characters"#),
            (["nested": ["files": "x"]], #""nested.files" must be an array, not a string"#),
        ] as [(JSONValue, String)])
    func refuses(_ changes: JSONValue, _ message: String) throws {
        #expect(try problems(settings(changes)).map(\.message) == [message])
    }

    @Test func `a length counts characters as Unicode does`() throws {
        #expect(try problems(settings(["spaces": ["é🧀é🧀"]])).isEmpty)
        #expect(try problems(settings(["spaces": ["e\u{301}e\u{301}e"]])).count == 1)
    }

    @Test func `a message never shows a value`() throws {
        let hidden: JSONValue = [
            "workspace_id": "s3cr3t", "api_token": ["s3cr3t"], "depth": "s3cr3t", "mode": "s3cr3t",
            "spaces": ["s3cr3t"], "webhook_secret": 5,
        ]
        let found = try problems(hidden)
        #expect(found.count == 6)
        #expect(!"\(found)".contains("s3cr3t"))
    }

    // MARK: Options of a run

    @Test func `a run may override what is marked for it`() throws {
        let schema = try schema()
        let base = try schema.validate(Self.good)
        let result = try schema.validateRunOptions(["depth": 5, "mode": "full"], over: base)
        #expect(result.settings["depth"] == 5)
        #expect(result.settings["mode"] == "full")
        #expect(result.settings["workspace_id"] == "9001")
        #expect(result.secrets == base.secrets)
        #expect(schema.runOptions == ["depth", "archived", "mode"])
        #expect(try schema.validateRunOptions([:], over: base) == base)
    }

    @Test func `a run may override nothing else`() throws {
        let schema = try schema()
        let base = try schema.validate(Self.good)
        let error = #expect(throws: SettingsProblems.self) {
            try schema.validateRunOptions(
                ["base_url": "http://evil", "api_token": "x", "dept": 5, "depth": 99], over: base)
        }
        let messages = error?.problems.map { "\($0.message) (\($0.hint ?? "-"))" }.sorted()
        #expect(
            messages == [
                #""depth" must be at most 30 (-)"#,
                #"a run cannot override "api_token" (options: archived, depth, mode)"#,
                #"a run cannot override "base_url" (options: archived, depth, mode)"#,
                #"unknown option "dept" (did you mean "depth"?)"#,
            ])
        let notAnObject = #expect(throws: SettingsProblems.self) {
            try schema.validateRunOptions([1], over: base)
        }
        #expect(notAnObject?.problems.map(\.message) == ["the options of a run must be an object"])
    }

    // MARK: Schemas

    @Test(
        "a schema outside the subset is refused by name",
        arguments: [
            (["oneOf": []], #"settings_schema: the keyword "oneOf" is not supported"#),
            (["$ref": "#"], #"settings_schema: the keyword "$ref" is not supported"#),
            (
                ["properties": ["a": ["propertis": [:]]]],
                #"settings_schema.properties.a: the keyword "propertis" is not supported; did you mean "properties"?"#
            ),
            (
                ["properties": ["a": ["items": ["format": "uri"]]]],
                #"settings_schema.properties.a.items: the keyword "format" is not supported"#
            ),
            (["type": "array"], #"settings_schema: the type of all settings must be "object""#),
            (
                ["properties": ["a": ["type": "sting"]]],
                #"settings_schema.properties.a.type: "sting" is not a type; did you mean "string"?"#
            ),
            (["properties": []], "settings_schema.properties: must be an object"),
            (
                ["properties": ["a": true]],
                "settings_schema.properties.a: a schema must be an object"
            ),
            (["required": "a"], "settings_schema.required: must be a list of strings"),
            (
                ["additionalProperties": 1],
                "settings_schema.additionalProperties: a schema must be an object"
            ),
            (
                ["properties": ["a": ["enum": []]]],
                "settings_schema.properties.a.enum: must be a list of 1 to 1000 values"
            ),
            (
                ["properties": ["a": ["minLength": -1]]],
                "settings_schema.properties.a.minLength: must be a whole number, not below 0"
            ),
            (
                ["properties": ["a": ["minimum": "1"]]],
                "settings_schema.properties.a.minimum: must be a number"
            ),
            (["title": 1], "settings_schema.title: must be a string"),
            (
                ["properties": ["a": ["x-path": 1]]],
                "settings_schema.properties.a.x-path: must be \"read\""
            ),
            (
                ["properties": ["a": ["type": "integer", "x-secret": true]]],
                "settings_schema.properties.a: x-secret is for strings at the top of the settings"
            ),
            (
                ["properties": ["a": ["properties": ["b": ["type": "string", "x-secret": true]]]]],
                "settings_schema.properties.a.properties.b: x-secret is for strings at the top of the settings"
            ),
            (
                ["properties": ["a": ["type": "string", "x-secret": true, "default": "x"]]],
                "settings_schema.properties.a: a secret cannot have a default, enum or const, which anyone can read"
            ),
            (
                ["properties": ["a": ["type": "string", "x-secret": true, "x-run-option": true]]],
                "settings_schema.properties.a: a run, which a client starts, cannot override a secret or a path"
            ),
            (
                ["properties": ["a": ["items": ["x-run-option": true]]]],
                "settings_schema.properties.a.items: x-run-option is for the top of the settings"
            ),
            (
                ["properties": ["a": ["x-path": "read"]]],
                "settings_schema.properties.a: x-path is for strings"
            ),
            (
                ["properties": ["a": ["type": "integer", "default": "5"]]],
                "settings_schema.properties.a.default: the value must be an integer, not a string"
            ),
        ] as [(JSONValue, String)])
    func schemaRefused(_ schema: JSONValue, _ message: String) {
        let error = #expect(throws: SettingsSchemaError.self) {
            try SettingsSchema(parsing: schema)
        }
        #expect(error?.problems == [message])
    }

    @Test func `a bad pattern is an error of the schema`() {
        let error = #expect(throws: SettingsSchemaError.self) {
            try SettingsSchema(parsing: ["properties": ["a": ["pattern": "(["]]])
        }
        #expect(
            error?.description.hasPrefix(
                "settings_schema.properties.a.pattern: not a regular expression") == true)
    }

    @Test func `a pattern may match anywhere`() throws {
        let schema = try SettingsSchema(parsing: ["properties": ["a": ["pattern": "b+"]]])
        #expect(throws: Never.self) { try schema.validate(["a": "abbc"]) }
        #expect(throws: SettingsProblems.self) { try schema.validate(["a": "acc"]) }
    }

    @Test func `all problems of a schema are told`() {
        let error = #expect(throws: SettingsSchemaError.self) {
            try SettingsSchema(parsing: ["oneOf": [], "allOf": [], "title": 1])
        }
        #expect(error?.problems.count == 3)
    }

    @Test func `a schema has bounds`() {
        var deep: JSONValue = [:]
        for _ in 0..<500 { deep = ["items": deep] }
        let error = #expect(throws: SettingsSchemaError.self) {
            try SettingsSchema(parsing: ["properties": ["a": deep]])
        }
        #expect(error?.description.hasSuffix("deeper than 16 levels") == true)

        let wide = JSONValue.object((0..<5000).map { .init("p\($0)", [:]) })
        let large = #expect(throws: SettingsSchemaError.self) {
            try SettingsSchema(parsing: ["properties": wide])
        }
        #expect(large?.problems.count == 1)
        #expect(large?.description.hasSuffix("larger than 1000 schemas") == true)
    }

    @Test func `what JSON Schema leaves open stays open`() throws {
        let schema = try SettingsSchema(parsing: ["properties": ["a": [:]]])
        #expect(try schema.validate(["a": [nil], "b": 1]).settings == ["a": [nil], "b": 1])
    }
}
