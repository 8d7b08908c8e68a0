import Foundation

/// A ClickUp of its own, and a daemon that imports it.
struct ClickUpSetup: Sendable {
    static let token = "pk_4711_TOKEN_OF_THESE_TESTS"
    static let workspace = "9001234"
    /// For tests of docs.
    static let docsAlone = ["collections: [spaces, docs, pages]"]

    let simulator: SimulatorProcess
    let daemon: DaemonProcess

    /// - Parameters:
    ///   - arguments: for the simulator, such as `["--docs", "3"]`.
    ///   - settings: lines of `settings:` beside the mandatory ones and `base_url`.
    ///   - token: what the daemon is given; nil: the right one.
    static func start(
        _ arguments: [String] = [], settings: [String] = docsAlone, workspace: String = workspace, token: String? = nil,
        in folder: TemporaryFolder? = nil, daemon daemonArguments: [String] = []
    ) async throws -> ClickUpSetup {
        let simulator = try await startSimulator(arguments)
        let integration = lines(of: "clickup", at: simulator, workspace: workspace, settings: settings)
        let daemon = try await startDaemon(integration, in: folder, daemonArguments, token: token)
        return ClickUpSetup(simulator: simulator, daemon: daemon)
    }

    static func startSimulator(_ arguments: [String] = []) async throws -> SimulatorProcess {
        try await SimulatorProcess.start(["--token", token, "--workspace", workspace] + arguments)
    }

    /// The YAML of an integration that imports from this simulator.
    ///
    /// - Parameter more: lines beside `settings:`.
    static func lines(
        of name: String, at simulator: SimulatorProcess, workspace: String = workspace, settings: [String] = docsAlone,
        more: [String] = []
    ) -> String {
        let all =
            ["workspace_id: \"\(workspace)\"", "api_token: ${TOKEN}", "base_url: \(simulator.address)"] + settings
        return """
              \(name):
                plugin: libClickUp.so
                display_name: ClickUp
                settings:
            \((all.map { "      " + $0 } + more.map { "    " + $0 }).joined(separator: "\n"))

            """
    }

    static func startDaemon(
        _ integrations: String, in folder: TemporaryFolder? = nil, _ arguments: [String] = [], token: String? = nil
    ) async throws -> DaemonProcess {
        try await DaemonProcess.start(
            yaml: yaml(of: integrations), in: folder, arguments, environment: ["TOKEN": token ?? Self.token])
    }

    private static func yaml(of integrations: String) -> String {
        """
        server: {listen: "127.0.0.1:0"}
        store: {sqlite: store.db}
        plugins: {directories: [\(BuildProducts.folder.path)]}
        runs: {max_concurrent: 8}
        integrations:
        \(integrations)
        """
    }

    /// Gives the daemon other integrations.
    func reload(_ integrations: String) async throws {
        try daemon.folder.write(Self.yaml(of: integrations), to: "integrations.yaml")
        let answer = try await daemon.http.post("/reload")
        guard answer.status == 200 else { throw RawHTTP.Failure(description: answer.text) }
    }

    // MARK: Importing

    @discardableResult
    func importAll() async throws -> [SSEParser.Event] { try await daemon.http.events(ofImport: "clickup") }

    /// An import's last event.
    func end() async throws -> JSON {
        guard let last = try await importAll().last, last.isTerminal else {
            throw RawHTTP.Failure(description: "the stream has no terminal event")
        }
        return try last.json
    }

    /// What the last run reported: failed documents and notes.
    func reports() async throws -> [JSON] {
        guard let run = try await daemon.runs().first?["id"]?.string else { return [] }
        return try await daemon.http.get("/runs/\(run)/errors?limit=1000").json["items"]?.items ?? []
    }

    /// Everything that is stored, in the order of change.
    func stored(_ query: String = "include=content&limit=1000") async throws -> [JSON] {
        var items: [JSON] = []
        var after: String?
        repeat {
            let cursor = after.map { "&after=\($0)" } ?? ""
            let page = try await daemon.http.get("/documents?\(query)\(cursor)").json
            items += page["items"]?.items ?? []
            after = page["next"]?.string
        } while after != nil
        return items
    }

    // MARK: The simulator

    /// Posts to the control API and returns its answer.
    @discardableResult
    func control(_ path: String, _ json: String) async throws -> JSON {
        let answer = try await simulator.http.post("/_simulator/\(path)", json: json)
        guard answer.status == 200 else { throw RawHTTP.Failure(description: "\(path): \(answer.text)") }
        return try answer.json
    }

    func forgetFaults() async throws { _ = try await simulator.http.send("DELETE", "/_simulator/faults") }

    /// Requests for the API since the last call.
    func requests() async throws -> (paths: [String], maximumInFlight: Int) {
        let log = try await simulator.http.get("/_simulator/requests").json
        _ = try await simulator.http.send("DELETE", "/_simulator/requests")
        return (
            (log["items"]?.items ?? []).compactMap { $0["path"]?.string }, log["maxInFlight"]?.integer ?? 0
        )
    }
}

extension [String] {
    /// Requests for the pages of a doc.
    var ofPages: [String] { filter { $0.hasSuffix("/pages") } }
}
