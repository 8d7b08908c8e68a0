import PluginABI
import PluginKit
import Synchronization
import Testing

@Suite struct EntryTests {
    struct Complete: ConnectionTesting, StructureListing, WebhookReceiving {
        static let manifest: StaticString = "{}"

        func `import`(_ call: ImportCall) async throws {}

        func test(_ call: EntryCall) async throws -> ConnectionTest {
            guard call.secret("token") != nil else {
                throw PluginError(.authFailed, code: "upstream-unauthorized", message: "No.")
            }
            return ConnectionTest(account: "me", details: [.init("plan", "free")])
        }

        func structure(_ call: EntryCall) async throws -> [StructureNode] {
            #expect(try call.settings()["a"] == 1)
            return [
                StructureNode(
                    id: "1", name: "One", kind: "space",
                    nodes: [StructureNode(id: "2", name: "Two", kind: "list", count: 7)])
            ]
        }

        func webhook(_ request: WebhookRequest, _ call: EntryCall) async throws -> WebhookReply {
            #expect(request.method == "POST" && request.path == "/" && request.query == "q")
            guard request.body == [0, 255], request[header: "x-signature"] == "right" else {
                throw PluginError(.authFailed, code: "signature", message: "No.")
            }
            return WebhookReply(importing: ["list_ids": ["5"]], ids: ["h1"])
        }
    }

    @Test func `a test, a structure and a webhook reply with the contract's JSON`() async {
        let host = FakeHost()
        #expect(await host.call { runTest(Complete.self, $0) } == INTEGRATION_AUTH_FAILED)
        host.record.withLock { $0.secrets["token"] = "t" }
        #expect(await host.call { runTest(Complete.self, $0) } == INTEGRATION_OK)
        #expect(await host.call(#"{"a":1}"#) { runStructure(Complete.self, $0) } == INTEGRATION_OK)
        #expect(await webhook(host, signature: "right") == INTEGRATION_OK)
        #expect(await webhook(host, signature: "wrong") == INTEGRATION_AUTH_FAILED)
        #expect(
            host.lines == [
                "fail upstream-unauthorized No. - 0",
                #"reply application/json {"account":"me","details":{"plan":"free"}}"#,
                #"reply application/json {"nodes":[{"id":"1","name":"One","kind":"space","nodes":[{"id":"2","name":"Two","kind":"list","count":7}]}]}"#,
                #"reply application/json {"import":{"list_ids":["5"]},"ids":["h1"]}"#,
                "fail signature No. - 0",
            ])
    }

    private func webhook(_ host: FakeHost, signature: String) async -> integration_status {
        await host.call { call in
            signature.withCString { signature in
                "x-signature".withCString { name in
                    let headers = [integration_header(name: name, value: signature)]
                    return headers.withUnsafeBufferPointer { headers in
                        [UInt8]([0, 255]).withUnsafeBytes { body in
                            "POST".withCString { method in
                                "/".withCString { path in
                                    "q".withCString { query in
                                        var request = integration_webhook_request(
                                            struct_size: 56, header_count: 1, method: method,
                                            path: path, query: query,
                                            headers: headers.baseAddress, body: body.baseAddress,
                                            body_size: body.count)
                                        return runWebhook(Complete.self, call, &request)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    struct Limited: Plugin {
        static let manifest: StaticString = "{}"

        func `import`(_ call: ImportCall) async throws {
            guard let limit = call.rateLimit(account: "abc") else { return call.log(.info, "none") }
            #expect(try limit.reserve() == .milliseconds(1_500))
            limit.observe(limit: 100, remaining: 7, reset: Timestamp(milliseconds: 9))
            limit.observe()
            limit.release(2)
        }
    }

    @Test func `a rate limit is the host's, if it has that extension`() async {
        let host = FakeHost()
        #expect(await host.run(Limited.self) == INTEGRATION_OK)
        host.record.withLock {
            $0.hasRateLimit = true
            $0.wait = 1_500
        }
        #expect(await host.run(Limited.self) == INTEGRATION_OK)
        #expect(
            host.lines == [
                "log 2 none -", "reserve abc 1", "observe abc 100 7 9", "observe abc -1 -1 -1",
                "release abc 2",
            ])
    }
}
