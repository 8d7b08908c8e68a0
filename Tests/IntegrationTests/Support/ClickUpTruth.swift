import Testing

/// What a simulated workspace holds, by the simulator's own word, and what is stored of it.
struct ClickUpTruth {
    /// Everything that differs, a line each; empty when all is as it should be.
    ///
    /// - Parameters:
    ///   - collections: nil: all but what is imported on request only.
    ///   - views: views and what is said in chats too.
    ///   - stillStored: whether something stored that is not there any more is left out of account.
    static func differences(
        _ setup: ClickUpSetup, collections: Set<String>? = nil, views: Bool = false,
        stillStored: (JSON) -> Bool = { _ in false }
    ) async throws -> [String] {
        let truth = try await setup.simulator.http.get("/_simulator/truth?views=\(views)").json["items"]?.items ?? []
        var expected: [String: ClickUpDocument] = [:]
        for item in truth where collections?.contains(item["collection"]?.string ?? "") ?? true {
            expected["\(item["collection"]?.string ?? "?")/\(item["id"]?.string ?? "?")"] = ClickUpDocument(
                title: item["title"]?.string ?? "", content: item["content"]?.string ?? "",
                parent: item["parent"]?.string, path: item["path"]?.items.compactMap(\.string) ?? [])
        }
        var lines: [String] = []
        for stored in try await setup.stored() {
            let key = ClickUpDocument.key(stored)
            guard let wanted = expected.removeValue(forKey: key) else {
                if !stillStored(stored) { lines.append("\(key) is stored and not there") }
                continue
            }
            var found = ClickUpDocument(stored)
            found.position = nil
            if stored["content"] == nil { found.content = [] }
            if found != wanted { lines.append("\(key) is \("\(found)".prefix(600)), not \("\(wanted)".prefix(600))") }
        }
        return lines + expected.keys.sorted().map { "\($0) is not stored" }
    }
}

extension ClickUpSetup {
    /// Starts a run with these options and returns it when it has ended.
    func run(_ options: String = "{}", within limit: Duration = .seconds(120)) async throws -> JSON {
        let started = try await daemon.http.post("/integrations/clickup/sync", json: options)
        guard let id = try started.json["id"]?.string else { throw RawHTTP.Failure(description: started.text) }
        return try await end(of: id, within: limit)
    }

    func end(of run: String, within limit: Duration = .seconds(120)) async throws -> JSON {
        try await eventually("run \(run) ends", within: limit) {
            try await daemon.http.get("/runs/\(run)").json["endedAt"]?.string != nil
        }
        return try await daemon.http.get("/runs/\(run)").json
    }

    /// Requests for the API since the last call, as `path?query`.
    func asked() async throws -> [String] {
        let log = try await simulator.http.get("/_simulator/requests").json
        _ = try await simulator.http.send("DELETE", "/_simulator/requests")
        return (log["items"]?.items ?? []).map { "\($0["path"]?.string ?? "")?\($0["query"]?.string ?? "")" }
    }
}
