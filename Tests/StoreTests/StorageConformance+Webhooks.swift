import Core
import Store
import Testing

extension StorageConformance {
    @Suite("Webhooks") struct Webhooks {
        private func request(
            _ ids: [String], _ settings: JSONValue?, integration: String = "clickup"
        ) -> WebhookImport {
            WebhookImport(integration: integration, tenant: .default, ids: ids, settings: settings)
        }

        @Test("what a webhook asks for is kept until it is done", arguments: engines)
        func kept(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let store = bench.store
            let first = try #require(try await store.keep(request(["1"], ["ids": ["a"]])))
            let second = try #require(try await store.keep(request([], ["ids": ["b"]])))
            _ = try await store.keep(request(["2"], nil))
            let kept = try store.keptWebhookImports()
            #expect(kept.map(\.number) == [first.number, second.number])
            #expect(kept.map(\.settings) == [["ids": ["a"]], ["ids": ["b"]]])
            #expect(kept.map(\.integration) == ["clickup", "clickup"])
            try await store.forgetWebhookImports([first.number])
            #expect(try store.keptWebhookImports().map(\.number) == [second.number])
        }

        @Test("changes that were all here within a week are a replay", arguments: engines)
        func replays(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let store = bench.store
            #expect(try await store.keep(request(["1", "2"], [:])) != nil)
            #expect(try await store.keep(request(["2"], [:])) == nil)
            #expect(try await store.keep(request(["2", "3"], [:])) != nil)
            #expect(try await store.keep(request(["3", "1"], [:])) == nil)
            #expect(try await store.keep(request(["1"], [:], integration: "other")) != nil)
            #expect(try store.keptWebhookImports().count == 3)
            bench.clock.advance(by: .seconds(8 * 86_400))
            #expect(try await store.keep(request(["1"], [:])) != nil)
        }
    }
}
