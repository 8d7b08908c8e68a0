import Core
import Engine
import Testing

@Suite(.timeLimit(.minutes(5))) struct WebhookImportsTests {
    @Test func `what comes while a run that failed waits for its next try does not wait with it`() async throws {
        let (attempts, attempt) = AsyncStream.makeStream(of: Int.self)
        let bench = Workbench { session, number in
            attempt.yield(number)
            session.returns(number == 1 ? .permanent : .ok)
        }
        var patience = WebhookQueue.Patience()
        patience.quiet = .milliseconds(1)
        let imports = WebhookImports(bench.scheduler, patience: patience)
        let running = Task { await imports.run { [Workbench.integration()] } }
        defer { running.cancel() }
        func receive(_ task: String) async throws {
            _ = try await imports.receive(
                WebhookImport(
                    integration: "clickup", tenant: .default, ids: [task],
                    settings: ["task_ids": .array([.string(task)])]))
        }
        var seen = attempts.makeAsyncIterator()
        try await receive("a")
        #expect(await seen.next() == 1)
        try await receive("b")
        #expect(await seen.next() == 2)
        while try bench.storage.keptWebhookImports().count != 1 { await Task.yield() }
        // Nothing is left but the first one, for a minute.
        let start = ContinuousClock.now
        try await receive("c")
        #expect(await seen.next() == 3)
        #expect(start.duration(to: .now) < .seconds(30))
    }
}
