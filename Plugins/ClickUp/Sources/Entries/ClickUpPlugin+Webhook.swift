package import PluginKit

/// A request of ClickUp's: verified, and turned into what an import would have to look at. Nothing
/// is asked of ClickUp here.
extension ClickUpPlugin: WebhookReceiving {
    package func webhook(_ request: WebhookRequest, _ call: EntryCall) async throws -> WebhookReply {
        guard let secrets = call.secret("webhook_secret")?.split(whereSeparator: \.isWhitespace), !secrets.isEmpty
        else {
            throw PluginError(
                .authFailed, code: "settings-invalid",
                message: "webhook_secret is not set: no request of a webhook can be verified.")
        }
        let signature = request[header: "x-signature"] ?? ""
        guard secrets.contains(where: { Self.isSigned(request.body, by: String($0), as: signature) }) else {
            throw PluginError(
                .authFailed, code: "unauthenticated", message: "The request's X-Signature is not that of its body.")
        }
        guard let body = try? JSONValue(parsing: request.body), let event = body["event"]?.string else {
            throw PluginError(.invalidSettings, code: "bad-request", message: "The request's body names no event.")
        }
        var selection = try Settings(call).selection
        selection.addWhatBelongs()
        let importing = Self.narrowing(event, body).flatMap { Self.part($0, of: selection, after: event) }
        return WebhookReply(importing: importing, ids: Self.ids(body))
    }

    /// What of it the settings have imported at all; nil: nothing.
    ///
    /// Whether a task or place lies in what is chosen, only the tree tells. So where something is, an import is asked
    /// for as the schedule has it, of what has changed.
    private static func part(_ importing: JSONValue, of selection: Selection, after event: String) -> JSONValue? {
        let named = (importing["collections"]?.array ?? []).compactMap(\.string).compactMap(Collection.init)
        let wanted = named.filter(selection.wants)
        guard !wanted.isEmpty else { return nil }
        // Only an import without options of its own may take what is archived for gone. It finds places, with what is
        // in them, without a sweep.
        let sweep: JSONValue = selection.includesArchived ? ["sweep": "now"] : [:]
        guard selection.only.isEmpty else { return event.hasSuffix("Deleted") ? sweep : [:] }
        guard importing["sweep"] == nil || selection.includesArchived else { return [:] }
        return .object(
            (importing.members ?? []).map { $0.name == "collections" ? .init($0.name, names(wanted)) : $0 })
    }

    /// ClickUp's signature is HMAC-SHA256 of the bytes as they came, in lower-case hexadecimal.
    static func isSigned(_ body: [UInt8], by secret: String, as signature: String) -> Bool {
        let digits = Array("0123456789abcdef".utf8)
        let expected = SHA256.authenticate(body, key: Array(secret.utf8))
            .flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        let given = Array(signature.utf8)
        guard given.count == expected.count else { return false }
        // Takes the same time wherever the two differ.
        return zip(given, expected).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
    }

    /// ClickUp numbers changes, not requests: one that comes twice brings the same numbers.
    private static func ids(_ body: JSONValue) -> [String] {
        let webhook = body["webhook_id"]?.text ?? ""
        return (body["history_items"]?.array ?? []).compactMap { $0["id"]?.text.map { "\(webhook)/\($0)" } }
    }

    /// The settings of the import; nil for an event that changes nothing that is imported.
    private static func narrowing(_ event: String, _ body: JSONValue) -> JSONValue? {
        func only(_ key: String, _ field: String, _ collections: [Collection]) -> JSONValue? {
            body[field]?.text.flatMap { id in
                // Imports of several changes are one run: what it cannot take would cost all of them.
                Self.isID(id)
                    ? .object([.init(key, .array([.string(id)])), .init("collections", Self.names(collections))]) : nil
            }
        }
        let places: [Collection] = [.spaces, .folders, .lists, .tasks]
        if event.hasPrefix("task") { return only("task_ids", "task_id", [.tasks, .comments, .attachments]) }
        if event.hasPrefix("goal") || event.hasPrefix("keyResult") { return ["collections": ["goals"]] }
        // With a place everything in it is gone, or has moved before: only all tasks can tell.
        if event.hasSuffix("Deleted") { return ["collections": names(places), "sweep": "now"] }
        // Comments of a list carry its name in their path.
        let all = places + [.comments, .attachments]
        if event.hasPrefix("list") { return only("list_ids", "list_id", all) }
        if event.hasPrefix("folder") { return only("folder_ids", "folder_id", all + [.docs, .pages]) }
        if event.hasPrefix("space") { return only("space_ids", "space_id", all + [.docs, .pages]) }
        return nil
    }

    /// As the manifest has it for ids in settings.
    private static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || isLetterOrDigit($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func names(_ collections: [Collection]) -> JSONValue {
        .array(collections.map { .string($0.rawValue) })
    }
}
