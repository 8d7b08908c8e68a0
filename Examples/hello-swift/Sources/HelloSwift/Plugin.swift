import PluginKit

/// Hello swift: imports a few notes.
struct HelloSwiftPlugin: Plugin {
    // A secret is {"type": "string", "x-secret": true}: `call.secret(name)` has it.
    static let manifest: StaticString = """
        {
            "id": "com.example.hello-swift", "name": "Hello swift", "version": "0.1.0", "min_abi": "1.0",
            "settings_schema": {
                "type": "object", "additionalProperties": false,
                "properties": {
                    "greeting": {"type": "string", "default": "Hello", "maxLength": 100},
                    "count": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 3}
                }
            },
            "collections": [{"name": "notes", "title": "Notes"}],
            "network": []
        }
        """

    func `import`(_ call: ImportCall) async throws {
        let settings = try Settings(call.settings())
        for number in 1..<settings.count + 1 {
            var note = Document(collection: "notes", id: String(number))  // the source's own id
            note.title = "Note \(number)"
            note.content = settings.greeting
            note.contentType = "text/markdown"
            // Changes when the note does; a source has dates or etags for that.
            note.revision = "1-\(settings.greeting)"
            try store(note, call)
            call.progress("storing_note", "Storing notes", count: number, total: settings.count)
        }
        try call.complete(collection: "notes")
    }

    /// Not again if it is stored with this revision; one that the host refuses is reported.
    private func store(_ note: Document, _ call: ImportCall) throws {
        if let revision = note.revision, !call.isFullRefresh,
            try call.known(collection: note.collection, id: note.id, revision: revision)
        {
            return
        }
        do {
            try call.upsert(note)
        } catch let error as PluginError where error.status == .rejected || error.status == .tooLarge {
            call.report(.failed, collection: note.collection, id: note.id, code: error.code, message: error.message)
        }
    }
}

/// What the YAML says. The host has checked it against the schema; what only the plugin can know is
/// checked here.
struct Settings {
    let greeting: String
    let count: Int

    init(_ settings: JSONValue) throws {
        guard let greeting = settings["greeting"]?.string, case .number(let digits)? = settings["count"],
            let count = Int(digits)
        else {
            throw PluginError(
                .invalidSettings, code: "settings-invalid", message: "greeting must be a string, count a number.")
        }
        self.greeting = greeting
        self.count = count
    }
}
