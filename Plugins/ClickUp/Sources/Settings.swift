import PluginKit

/// What the YAML gives this plugin, checked.
struct Settings: Sendable {
    /// The keys of the manifest's schema.
    private struct Given: Decodable {
        var workspaceID: String
        var baseURL: String?
        var includeArchived: Bool?
        var maximumConcurrentRequests: Int?

        enum CodingKeys: String, CodingKey {
            case workspaceID = "workspace_id"
            case baseURL = "base_url"
            case includeArchived = "include_archived"
            case maximumConcurrentRequests = "max_concurrent_requests"
        }
    }

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
        let given = try call.settings(Given.self)
        guard let token = call.secret("api_token").map(Self.trim), !token.isEmpty else {
            throw Self.invalid("api_token is missing: set it to a ClickUp API token.")
        }
        // Anything else could smuggle a second header into the request.
        guard token.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Self.invalid("api_token holds characters that no ClickUp token has.")
        }
        let concurrency = given.maximumConcurrentRequests ?? 16
        guard (1...64).contains(concurrency) else {
            throw Self.invalid("max_concurrent_requests is \(concurrency): it must be 1 to 64.")
        }
        guard !given.workspaceID.isEmpty else { throw Self.invalid("workspace_id is empty.") }
        self.init(
            workspaceID: given.workspaceID, token: token,
            baseURL: try Self.checkBaseURL(given.baseURL ?? Self.defaultBaseURL),
            includeArchived: given.includeArchived ?? true,
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

    private static func invalid(_ message: String) -> PluginError {
        PluginError(.invalidSettings, code: "settings-invalid", message: message)
    }
}
