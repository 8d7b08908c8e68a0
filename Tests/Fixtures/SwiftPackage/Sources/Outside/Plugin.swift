import PluginKit
import PluginKitCodable

/// On the main actor, with types of its own for settings, documents and checkpoints.  With
/// `waits`, it sleeps until its task is cancelled.
@MainActor final class OutsidePlugin: Plugin {
    nonisolated static let manifest: StaticString = """
        {"id": "com.example.outside", "name": "Outside", "version": "1.0.0", "min_abi": "1.0",
         "settings_schema": {"type": "object", "additionalProperties": false, "properties": {
            "count": {"type": "integer", "minimum": 0, "default": 30},
            "waits": {"type": "boolean", "default": false}}},
         "collections": [{"name": "notes", "title": "Notes"}], "network": []}
        """

    struct Settings: Decodable {
        var count: Int
        var waits: Bool
    }

    struct Note: Encodable {
        var title: String
        var content: String
        var labels: [String]
    }

    struct Checkpoint: Codable {
        var done: Int
    }

    private var stored = 0

    nonisolated init() {}

    func `import`(_ call: ImportCall) async throws {
        let settings = try call.settings(Settings.self)
        stored = try call.checkpoint(as: Checkpoint.self)?.done ?? 0
        call.log(.info, "begins", ["after": "\(stored)"])
        while stored < settings.count {
            try store(call, of: settings.count)
            await Task.yield()  // others of the main actor may go on
            try Task.checkCancellation()
        }
        if settings.waits { try await Task.sleep(for: .seconds(600)) }
        try call.complete(collection: "notes")
    }

    private func store(_ call: ImportCall, of count: Int) throws {
        stored += 1
        let id = String(stored)
        do {
            try call.upsert(Note(title: "Note \(id)", content: "Text.", labels: ["a"]), collection: "notes", id: id)
        } catch let error as PluginError where error.status == .rejected || error.status == .tooLarge {
            call.report(.failed, collection: "notes", id: id, code: error.code, message: error.message)
        }
        call.progress("storing_note", "Storing notes", count: stored, total: count)
        if stored % 10 == 0 { try call.offerCheckpoint(Checkpoint(done: stored)) }
    }
}
