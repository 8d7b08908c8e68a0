import Core
import Engine
import Testing

@Suite(.timeLimit(.minutes(30))) struct LimitedRunTests {
    private func observation(limit: Int64, remaining: Int64, resetIn seconds: Int64) -> PluginMessage {
        .observe(account: "a", limit: limit, remaining: remaining, reset: .now + .seconds(seconds))
    }

    @Test func `a run whose requests have to wait is shown so, until when and why`() async throws {
        let bench = Workbench { _, _ in }
        let (run, _) = try await bench.start()
        var sessions = bench.launcher.sessions.makeAsyncIterator()
        let session = try #require(await sessions.next())
        session.say(.reserve(question: 1, account: "a", cost: 1), observation(limit: 1, remaining: 0, resetIn: 50))
        for question in UInt32(2)...4 { session.say(.reserve(question: question, account: "a", cost: 1)) }
        await run.event("waiting")
        let shown = run.snapshot
        #expect(shown.status == .waiting)
        let left = (shown.resumeAt ?? .now).milliseconds - Timestamp.now.milliseconds
        #expect((40_000...52_000).contains(left))
        session.returns(.ok)
        let events = await run.events()
        #expect(events.count { $0.step == "waiting" } == 1, "one wait is said once")
        #expect(session.recorded.waits.first == 0)
        #expect(session.recorded.waits.dropFirst().allSatisfy { $0 > 40_000 })
        #expect(run.snapshot.status == .succeeded && run.snapshot.resumeAt == nil)
    }

    @Test func `numbers without sense break nothing`() async throws {
        let bench = Workbench { session, _ in
            for number in [Int64.min, -1, 0, 1, .max, .max] {
                session.say(.reserve(question: 1, account: "a", cost: number))
                session.say(
                    .observe(
                        account: "a", limit: number, remaining: number, reset: Timestamp(milliseconds: number)))
                session.progress("docs", number, of: number)
                session.say(.release(account: "a", cost: number), .release(account: "b", cost: number))
            }
            session.returns(.ok)
        }
        #expect(try await bench.story().result.status == .succeeded)
    }

    @Test func `a run that waits for a limit can be cancelled, and leaves its turn to others`() async throws {
        let bench = Workbench { session, _ in session.on(.cancel, .said(.returned(.cancelled)), .ended) }
        var sessions = bench.launcher.sessions.makeAsyncIterator()
        let (first, _) = try await bench.start()
        let one = try #require(await sessions.next())
        one.say(.reserve(question: 1, account: "a", cost: 1), observation(limit: 1, remaining: 0, resetIn: 50))
        one.say(.reserve(question: 2, account: "a", cost: 1))
        await first.event("waiting")

        // Another integration with the same account: behind the first, and before it once that is gone.
        func wait(of name: String) async throws -> Int64 {
            let (run, _) = try await bench.start(Workbench.integration(name))
            let session = try #require(await sessions.next())
            session.say(.reserve(question: 1, account: "a", cost: 1))
            await run.event("waiting")
            bench.scheduler.cancel(run)
            _ = await run.events()
            return session.recorded.waits.first ?? 0
        }
        let behind = try await wait(of: "two")
        bench.scheduler.cancel(first)
        #expect(await first.events().last?.kind == .error)
        let before = try await wait(of: "three")
        #expect(behind > before + 30_000, "\(behind) \(before)")
    }
}
