import PluginKit

/// What the YAML gives this plugin, checked.
struct Settings: Sendable {
    static let defaultBaseURL = "https://api.clickup.com"

    var workspaceID: String
    /// Sent as the whole Authorization header, as ClickUp wants its personal tokens.
    var token: String
    /// Without a slash at its end.
    var baseURL: String
    var includeArchived: Bool
    var maximumConcurrentRequests: Int
}

extension Settings {
    init(_ call: ImportCall) throws {
        let given = try call.settings()
        guard let token = call.secret("api_token").map(Self.trim), !token.isEmpty else {
            throw Self.invalid("api_token is missing: set it to a ClickUp API token.")
        }
        // Anything else could smuggle a second header into the request.
        guard token.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Self.invalid("api_token holds characters that no ClickUp token has.")
        }
        let concurrency = try given.optional("max_concurrent_requests") { $0.integer.map { Int($0) } } ?? 16
        guard (1...64).contains(concurrency) else {
            throw Self.invalid("max_concurrent_requests is \(concurrency): it must be 1 to 64.")
        }
        guard let workspaceID = try given.optional("workspace_id", { $0.string }), !workspaceID.isEmpty
        else { throw Self.invalid("workspace_id is empty.") }
        self.init(
            workspaceID: workspaceID, token: token,
            baseURL: try Self.checkBaseURL(given.optional("base_url") { $0.string } ?? Self.defaultBaseURL),
            includeArchived: try given.optional("include_archived") { $0.bool } ?? true,
            maximumConcurrentRequests: concurrency)
    }

    private static func checkBaseURL(_ text: String) throws -> String {
        var url = text
        while url.hasSuffix("/") { url.removeLast() }
        let host = ["https://", "http://"].first { url.lowercased().hasPrefix($0) }
            .map { url.dropFirst($0.count) }
        guard let host, !host.isEmpty,
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !host.contains(where: "@?#\\".contains)
        else {
            throw invalid(
                "base_url must be http:// or https:// with a host, without credentials, query or fragment."
            )
        }
        return url
    }

    private static func trim(_ text: String) -> String {
        let space: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        return String(text.drop(while: space).reversed().drop(while: space).reversed())
    }

    fileprivate static func invalid(_ message: String) -> PluginError {
        PluginError(.invalidSettings, code: "settings-invalid", message: message)
    }
}

extension JSONValue {
    /// A setting that may be absent or null, and otherwise has to be what `read` takes.
    fileprivate func optional<Value>(_ key: String, _ read: (JSONValue) -> Value?) throws -> Value? {
        guard let value = self[key], value != .null else { return nil }
        guard let found = read(value) else { throw Settings.invalid("\(key) has the wrong type.") }
        return found
    }
}
