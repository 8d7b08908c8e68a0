import Foundation

/// Asks a daemon, one connection a request.
struct HTTPClient: Sendable {
    let port: Int
    /// Header lines that go with every request.
    var headers: [String] = []

    struct Response: Sendable {
        let head: ResponseHead
        let body: [UInt8]

        var status: Int { head.status }
        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSON {
            get throws { try JSON(text) }
        }
        /// The `code` of a problem.
        var code: String? { (try? json)?["code"]?.string }  // a body without JSON has no code
    }

    func with(_ headers: String...) -> HTTPClient { HTTPClient(port: port, headers: self.headers + headers) }
    func bearer(_ token: String) -> HTTPClient { with("Authorization: Bearer \(token)") }
    func tenant(_ organization: String, _ project: String) -> HTTPClient {
        with("X-Org-ID: \(organization)", "X-Project-ID: \(project)")
    }

    func get(_ path: String) async throws -> Response { try await send("GET", path) }

    func post(_ path: String, json: String? = nil) async throws -> Response {
        try await send("POST", path, ["Content-Type: application/json"], body: json ?? "")
    }

    func send(_ method: String, _ path: String, _ more: [String] = [], body: String? = nil) async throws -> Response {
        let host = headers.contains { $0.hasPrefix("Host:") } ? [] : ["Host: 127.0.0.1:\(port)"]
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        let request = "\(method) \(path) HTTP/1.1\r\n" + RawHTTP.lines(host + headers + more + length)
        let connection = try await RawHTTP.request(request + (body ?? ""), port: port)
        guard let head = connection.head else { throw RawHTTP.Failure(description: "no head") }
        return Response(head: head, body: method == "HEAD" ? [] : try await connection.wholeBody())
    }

    /// Opens a stream without waiting for its events.
    func stream(_ path: String) async throws -> EventStream {
        EventStream(try await RawHTTP.get(path, port: port, headers))
    }

    /// The stream of an integration's import.
    func sync(_ integration: String) async throws -> EventStream {
        try await stream("/integrations/\(integration)/sync/stream")
    }

    /// The events of a run, to its end.
    func events(ofRun id: String) async throws -> [SSEParser.Event] {
        try await with("Accept: text/event-stream").stream("/runs/\(id)/events").rest()
    }

    /// Runs an import to its end and returns all its events.
    func events(ofImport integration: String) async throws -> [SSEParser.Event] {
        try await sync(integration).rest()
    }
}
