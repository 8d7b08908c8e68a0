import Testing

/// Whether `/openapi.json` says what the daemon does.
@Suite("OpenAPI", .realPrograms, .timeLimit(.minutes(30)))
struct OpenAPITests {
    @Test func `the document is OpenAPI 3 dot 1 and describes every route`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(server: ["base_path: /api"], .fixture("hello")))
        let answer = try await daemon.http.get("/openapi.json")
        #expect(answer.status == 200 && answer.head["content-type"] == "application/json")
        let document = OpenAPIDocument(json: try answer.json)
        #expect(document.json["openapi"] == "3.1.0")
        #expect(document.json["servers"]?.items.map { $0["url"] } == ["/api", "/"])
        let version = try await Command.run(["--version"], in: daemon.folder).lines.first
        #expect(document.json["info"]?["version"]?.string == version)
        #expect(try await daemon.http.get("/api/openapi.json").json == document.json)

        let operations = document.operations
        #expect(!operations.isEmpty)
        for operation in operations {
            // A route without a description has none of these.
            #expect(operation.json["summary"]?.string != nil, "\(operation) is not described")
            #expect(operation.json["responses"]?.keys.isEmpty == false, "\(operation)")
            let parameters = (operation.json["parameters"]?.items ?? []).compactMap(document.resolve)
            let named = parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.string }
            #expect(named == operation.path.matches(of: /{(.*?)}/).map { String($0.1) }, "\(operation)")
        }
        let ids = operations.compactMap { $0.json["operationId"]?.string }
        #expect(Set(ids).count == operations.count)
        for reference in document.references {
            #expect(document.target(of: reference) != nil, "\(reference) leads nowhere")
        }
    }

    @Test func `each path of the document has exactly its methods`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let document = OpenAPIDocument(json: try await daemon.http.get("/openapi.json").json)
        for path in document.paths {
            // Nothing is ever routed for TRACE.
            let answer = try await daemon.http.send("TRACE", path.replacing(/{.*?}/, with: "x"))
            let methods = document.operations.filter { $0.path == path }.map(\.method).sorted()
            #expect(answer.head["allow"] == methods.joined(separator: ", "), "\(path): \(answer.text)")
        }
    }

    @Test func `what needs no token says so`() async throws {
        var configuration = DaemonConfiguration(.fixture("hello"))
        configuration.more = "auth: {tokens: [{name: all, token: token-for-all, scopes: [integrations:read]}]}"
        let daemon = try await DaemonProcess.start(configuration)
        let document = OpenAPIDocument(json: try await daemon.http.get("/openapi.json").json)
        for operation in document.operations {
            let answer = try await daemon.http.send(operation.method, operation.path.replacing(/{.*?}/, with: "x"))
            let isOpen = operation.json["security"] == .array([])
            #expect((answer.status != 401) == isOpen, "\(operation)")
        }
    }

    @Test func `every answer is one that the document declares`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture("hello"), .fixture("fails", settings: ["status: 6"]), .fixture("no_version"),
                .fixture("known_user", settings: ["documents: 3", "failed: 2"])))
        let document = OpenAPIDocument(json: try await daemon.http.get("/openapi.json").json)
        for name in ["hello", "fails", "no-version", "known-user"] { _ = try await daemon.http.events(ofImport: name) }
        let runs = try await daemon.runs().compactMap { $0["id"]?.string }
        #expect(runs.count == 4)
        let documents = try await daemon.http.get("/documents").json["items"]?.items ?? []
        let values = [
            "/integrations/{name}": ["hello", "fails", "no-version"], "/runs/{id}": runs,
            "/page/{file}": ["main.js"], "/documents/{id}": [try #require(documents.first?["id"]?.string)],
        ]
        for operation in document.operations {
            let prefix = values.keys.first { operation.path.hasPrefix($0) }
            let suffix = operation.path.dropFirst(prefix?.count ?? 0)
            let paths = prefix.map { prefix in
                (values[prefix] ?? []).map { prefix.replacing(/{.*}/, with: $0) + suffix }
            }
            for path in paths ?? [operation.path] {
                let types = operation.json["responses"]?["200"]?["content"]?.keys ?? []
                for type in types.sorted() {
                    let answer = try await daemon.http.send(operation.method, path, ["Accept: \(type)"], body: "")
                    #expect(![404, 405, 500].contains(answer.status), "\(operation): \(answer.text)")
                    let complaints = document.complaints(answer, of: operation)
                    #expect(complaints.isEmpty, "\(operation) as \(path) and \(type): \(complaints)")
                }
            }
        }
        let unknown = try await daemon.http.get("/runs/x")
        let operation = try #require(document.operations.first { $0.path == "/runs/{id}" })
        #expect(unknown.status == 404 && document.complaints(unknown, of: operation).isEmpty)
    }
}
