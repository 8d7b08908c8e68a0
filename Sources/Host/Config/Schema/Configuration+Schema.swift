package import Core

extension Configuration {
    /// The file as a JSON Schema, for editors: names, kinds and what each key is for.  Draft 7, which the language
    /// servers for YAML know best.  The reader is stricter: it also judges what keys mean together.
    ///
    /// - Parameter settings: the schemas of the settings of integrations, by their names.
    package static func schema(settings: [String: JSONValue] = [:]) -> JSONValue {
        var integrations = FileSchema.object(
            settings.sorted { $0.key < $1.key }.map { ($0.key, FileSchema.integration(settings: $0.value)) })
        integrations["additionalProperties"] = FileSchema.integration(settings: nil)
        integrations["propertyNames"] = ["pattern": "^[a-z0-9][a-z0-9-]{0,62}$"]
        var file = FileSchema.object([
            ("server", FileSchema.server), ("auth", FileSchema.authentication), ("store", FileSchema.store),
            ("plugins", FileSchema.plugins), ("runs", FileSchema.runs),
            (
                "integrations",
                FileSchema.described(integrations, "What is imported: a name, as it stands in URLs, and a plugin each.")
            ),
        ])
        file["title"] = "integrations.yaml"
        file["$schema"] = "http://json-schema.org/draft-07/schema#"
        return file
    }
}

/// The parts of that schema, a function for each kind of value.
enum FileSchema {
    // MARK: Kinds

    /// No other keys than these.
    static func object(_ properties: [(String, JSONValue)], required: [String] = []) -> JSONValue {
        var schema: JSONValue = [
            "type": "object", "additionalProperties": false,
            "properties": .object(properties.map { .init($0.0, $0.1) }),
        ]
        if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
        return schema
    }

    static func described(_ schema: JSONValue, _ text: String, default value: JSONValue? = nil) -> JSONValue {
        var schema = schema
        schema["description"] = .string(text)
        schema["default"] = value
        return schema
    }

    static func text(_ description: String, default value: JSONValue? = nil) -> JSONValue {
        described(["type": "string", "minLength": 1], description, default: value)
    }

    /// A value that is no text may come from a variable, which is one in YAML.
    static func orVariable(_ schema: JSONValue) -> JSONValue {
        ["anyOf": [schema, ["type": "string", "pattern": "\\$\\{.+\\}"]]]
    }

    /// A plugin's schema is for values; in the file, each may be a variable.
    private static func allowingVariables(_ schema: JSONValue) -> JSONValue {
        var schema = schema
        if let properties = schema["properties"]?.members {
            schema["properties"] = .object(properties.map { .init($0.key, allowingVariables($0.value)) })
            return schema
        }
        if let items = schema["items"] {
            schema["items"] = allowingVariables(items)
            return schema
        }
        guard !["object", "array"].contains(schema["type"]?.stringValue) else { return schema }
        var outer = orVariable(schema)
        for key in ["title", "description", "default"] { outer[key] = schema[key] }
        return outer
    }

    static func duration(_ description: String, default value: String? = nil) -> JSONValue {
        quantity("^[0-9]+(ms|s|m|h|d)$", description + " As 500ms, 15s, 10m, 2h or 30d.", value)
    }

    static func size(_ description: String, default value: String? = nil) -> JSONValue {
        quantity("^[0-9]+(KiB|MiB|GiB)$", description + " As 64KiB, 1MiB or 1GiB.", value)
    }

    private static func quantity(_ pattern: String, _ description: String, _ value: String?) -> JSONValue {
        described(
            orVariable(["type": "string", "pattern": .string(pattern)]), description,
            default: value.map(JSONValue.string))
    }

    static func count(_ description: String, default value: Int64, from minimum: Int64 = 1) -> JSONValue {
        described(
            orVariable(["type": "integer", "minimum": .integer(minimum)]), description, default: .integer(value))
    }

    static func choice(_ values: [String], _ description: String, default value: String? = nil) -> JSONValue {
        described(
            orVariable(["enum": .array(values.map(JSONValue.string))]), description,
            default: value.map(JSONValue.string))
    }

    static func list(_ items: JSONValue, _ description: String) -> JSONValue {
        described(["type": "array", "minItems": 1, "items": items], description)
    }

    private static let word: JSONValue = ["type": "string", "minLength": 1]

    // MARK: Sections

    static var server: JSONValue {
        described(
            object([
                (
                    "listen",
                    text(
                        "Address and port; port 0 takes a free one.  Without `auth` a loopback address only.",
                        default: "127.0.0.1:3001")
                ),
                ("base_path", text("Every route is served at / and below this.", default: "/")),
                ("heartbeat", duration("A stream is not silent for longer.", default: "15s")),
                ("limits", limits),
                (
                    "tls",
                    described(
                        object(
                            [
                                ("certificate", text("A file in PEM, with its chain.")),
                                ("private_key", text("A file in PEM.")),
                            ], required: ["certificate", "private_key"]),
                        "Serves HTTPS, with HTTP/2 for those who offer it.")
                ),
                (
                    "cors",
                    described(
                        object(
                            [("allowed_origins", list(word, "Such as https://app.example.com."))],
                            required: ["allowed_origins"]), "Pages of other origins that may use the API.")
                ),
            ]), "Where and how the HTTP API is served.")
    }

    private static var limits: JSONValue {
        described(
            object([
                ("streams", count("Streams open at a time.", default: 20_000)),
                ("streams_per_token", count("Streams open at a time by one token.", default: 1000)),
                ("body", size("Of a request.", default: "1MiB")),
                ("body_timeout", duration("How long a request's body may take to arrive.", default: "30s")),
            ]), "Beyond these, requests are refused.")
    }

    static var authentication: JSONValue {
        let scopes = choice(["integrations:read", "integrations:write", "integrations:admin"], "A scope.")
        let token = object(
            [
                ("name", text("Appears in logs and as requestedBy.")),
                ("token", text("The token, best from a variable: ${NAME}.")),
                ("sha256", text("Instead of the token: the SHA-256 of it in hexadecimal.")),
                ("scopes", list(scopes, "What the token is good for.")),
                ("organizations", list(word, "The organizations that it is for; absent: all.")),
                ("projects", list(word, "The projects that it is for; absent: all.")),
            ], required: ["name", "scopes"])
        return described(
            object([("tokens", list(token, "Whoever asks needs one of these."))], required: ["tokens"]),
            "Absent: no authentication, and only this machine is served.")
    }

    static var store: JSONValue {
        described(
            object([
                ("sqlite", text("The file; it is created with its folder.", default: "var/integrationd.db")),
                ("postgresql", text("A URL or libpq's words.")),
            ]), "Where documents and runs are kept.")
    }

    static var plugins: JSONValue {
        described(
            object([
                ("directories", list(word, "Where the names of plugin files are looked up, in this order.")),
                ("isolation", isolation("Where plugins run.", default: "process")),
            ]), "Where plugins are, and how they are run.")
    }

    private static func isolation(_ description: String, default value: String?) -> JSONValue {
        choice(
            ["process", "in-process"],
            description
                + "  `process`: in a process of their own; `in-process`: inside the daemon, if they are trusted.",
            default: value)
    }

    static var runs: JSONValue {
        described(
            object([
                ("max_concurrent", count("Runs at a time; others wait.", default: 4)),
                ("keep", duration("How long runs are kept with their events; documents stay.", default: "30d")),
                (
                    "progress_rate",
                    count(
                        "Progress events per second and run that come one by one; of more, the newest of each step.",
                        default: 200)
                ),
                ("cancel_grace", duration("Between asking a plugin to stop and SIGTERM.", default: "10s")),
                (
                    "stalled_after",
                    duration("Neither progress nor a document for so long: the run is ended.", default: "5m")
                ),
            ]), "Limits of runs.")
    }

    static func integration(settings: JSONValue?) -> JSONValue {
        var own: JSONValue = settings.map(allowingVariables) ?? ["type": "object"]
        own = described(own, "What the plugin asks for: its own schema says what that is.")
        return object(
            [
                ("plugin", text("The name of a file in one of plugins.directories.")),
                ("display_name", text("In messages: Starting … import...")),
                ("enabled", described(orVariable(["type": "boolean"]), "Whether it may be run.", default: true)),
                ("organization", text("With `project`: it belongs to this tenant alone.")),
                ("project", text("With `organization`: it belongs to this tenant alone.")),
                ("isolation", isolation("Instead of plugins.isolation.", default: nil)),
                ("env", list(word, "Names of the daemon's variables that its worker may see.")),
                ("sha256", text("Refuses a plugin file with another hash.")),
                ("timeout", duration("Of a whole run; absent: none.")),
                (
                    "limits",
                    described(
                        object([
                            ("memory", size("Of the worker's data.", default: "1GiB")),
                            ("cpu", duration("That its threads together compute; absent: none.")),
                            ("open_files", count("Its descriptors.", default: 1024)),
                            ("file_size", size("Of each file that it writes; absent: none.")),
                        ]), "Of the plugin's process.")
                ),
                ("schedule", schedule),
                (
                    "allow_mass_delete",
                    described(
                        orVariable(["type": "boolean"]), "Its runs may delete more than 30 % of a collection.",
                        default: false)
                ),
                ("settings", own),
            ], required: ["plugin"])
    }

    private static var schedule: JSONValue {
        let at = "`every 15m`, or a cron line of five fields in UTC; absent: only on request."
        let long = object(
            [
                ("at", text(at)),
                ("jitter", duration("Each import is due up to so much later, always by the same.")),
                (
                    "overlap",
                    choice(
                        Timetable.Overlap.allCases.map(\.rawValue),
                        "What becomes of an import that is due while another run goes on.", default: "skip")
                ),
                (
                    "catch_up",
                    described(
                        orVariable(["type": "boolean"]),
                        "At the start, one import for all that were due meanwhile.", default: true)
                ),
            ], required: ["at"])
        return described(["anyOf": [word, long]], at)
    }
}
