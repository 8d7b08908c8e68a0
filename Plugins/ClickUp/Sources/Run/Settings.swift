import PluginKit

/// What the YAML and the run's options give this plugin, checked.
struct Settings: Sendable {
    static let defaultBaseURL = "https://api.clickup.com"

    /// When all tasks are listed again, which finds those that are gone.
    enum Sweep: Sendable, Equatable {
        case never
        case now
        /// Milliseconds after the last time.
        case every(Int64)
    }

    var workspaceID: String
    /// Sent as the whole Authorization header, as ClickUp wants its personal tokens.
    var token: String
    /// Without a slash at its end.
    var baseURL: String
    var maximumConcurrentRequests: Int
    var selection: Selection
    var sweep: Sweep
}

extension Settings {
    /// Names the token to the host, which counts its requests, without giving it away.
    var account: String {
        var hash = FNV1a()
        hash.add(baseURL)
        hash.add(token)
        return hash.text
    }

    init(_ call: ImportCall) throws {
        let given = try call.settings()
        try self.init(call, given)
        selection.isRunsOwn = call.isNarrowed
        if let names = call.collections {
            selection.collections = Set(names.compactMap(Collection.init(rawValue:)))
        }
        selection.addWhatBelongs()
    }

    init(_ call: some PluginCall) throws { try self.init(call, call.settings()) }

    private init(_ call: some PluginCall, _ given: JSONValue) throws {
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
            maximumConcurrentRequests: concurrency, selection: try Selection(given),
            sweep: try given.optional("sweep") { $0.string }.map(Self.sweep) ?? .every(86_400_000))
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

    /// "never", "now", or "every" with a number of minutes, hours or days.
    private static func sweep(_ text: String) throws -> Sweep {
        switch text {
        case "never": return .never
        case "now": return .now
        default:
            let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000]
            guard text.hasPrefix("every "), let unit = text.last.flatMap({ units[$0] }),
                let count = Int64(text.dropFirst(6).dropLast()), (1...10_000).contains(count)
            else { throw invalid("sweep must be never, now, or such as \"every 24h\".") }
            return .every(count * unit)
        }
    }

    private static func trim(_ text: String) -> String {
        let space: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        return String(text.drop(while: space).reversed().drop(while: space).reversed())
    }

    fileprivate static func invalid(_ message: String) -> PluginError {
        PluginError(.invalidSettings, code: "settings-invalid", message: message)
    }
}

extension Selection {
    fileprivate init(_ given: JSONValue) throws {
        let names = try given.texts("collections")
        let wanted = names.compactMap(Collection.init(rawValue:))
        guard wanted.count == names.count else { throw Settings.invalid("collections names one that there is not.") }
        self.init(collections: given["collections"] == nil ? Collection.standard : Set(wanted))
        only = try IDs(given, "")
        without = try IDs(given, "exclude_")
        includesArchived = try given.optional("include_archived") { $0.bool } ?? true
        since = try given.optional("since") { $0.string }.map { text in
            guard let time = UTCTime.milliseconds(text) else {
                throw Settings.invalid(
                    "since must be a day or a time in UTC, such as 2026-01-31 or 2026-01-31T08:00:00Z.")
            }
            return time
        }
    }
}

extension Selection.IDs {
    fileprivate init(_ given: JSONValue, _ prefix: String) throws {
        func ids(_ kind: String) throws -> Set<String> { Set(try given.texts("\(prefix)\(kind)_ids")) }
        self.init(
            spaces: try ids("space"), folders: try ids("folder"), lists: try ids("list"), docs: try ids("doc"),
            tasks: prefix.isEmpty ? try ids("task") : [])
    }
}

extension JSONValue {
    /// A setting that may be absent or null, and otherwise has to be what `read` takes.
    fileprivate func optional<Value>(_ key: String, _ read: (JSONValue) -> Value?) throws -> Value? {
        guard let value = self[key], value != .null else { return nil }
        guard let found = read(value) else { throw Settings.invalid("\(key) has the wrong type.") }
        return found
    }

    fileprivate func texts(_ key: String) throws -> [String] {
        try optional(key) { value in
            guard let items = value.array else { return nil }
            let texts = items.compactMap(\.text).filter { !$0.isEmpty }
            return texts.count == items.count ? texts : nil
        } ?? []
    }
}
