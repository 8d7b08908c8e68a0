import Core
import Engine
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct RunSchedulerTests {
    /// A plugin that goes on until the test lets it return.
    private static let busy: FakeLauncher.Script = { session, _ in
        session.progress("busy")
        session.on(.cancel, .said(.returned(.cancelled)))
    }

    @Test func `a run that succeeds says starting first, then complete, once`() async throws {
        let bench = Workbench()
        let story = try await bench.story()
        #expect(story.steps == ["starting", "complete"])
        let end = try story.end()
        #expect(end["success"] == true && end["type"] == "complete" && end["status"] == "succeeded")
        #expect(end["runId"]?.stringValue == story.run.id.description)
        #expect(story.result.status == .succeeded)
        #expect(story.result.endedAt != nil && story.result.startedAt != nil)
        #expect(story.events.map(\.sequence) == story.events.map(\.sequence).sorted())
    }

    @Test func `the first keys of a progress body are step, message and count`() async throws {
        let bench = Workbench { session, _ in
            session.progress("storing", 1, of: 15)
            session.returns(.ok)
        }
        let story = try await bench.story()
        let event = try #require(story.events.first { $0.step == "storing" })
        #expect(
            event.body.hasPrefix(
                #"{"step":"storing","message":"storing","count":1,"total":15,"percent":6.7,"type":"progress","#))
        #expect(event.body.hasSuffix(#""seq":\#(event.sequence)}"#))
    }

    @Test func `a second start joins, and another tenant or integration does not`() async throws {
        let bench = Workbench(Self.busy)
        let first = try await bench.start()
        let second = try await bench.start()
        let tenant = try await bench.start(tenant: Tenant(organization: "default", project: "other"))
        let integration = try await bench.start(Workbench.integration("folder"))
        #expect(first.isNew && !second.isNew && tenant.isNew && integration.isNew)
        #expect(second.run === first.run)
        #expect(Set([first.run.id, tenant.run.id, integration.run.id]).count == 3)
        for run in [first.run, tenant.run, integration.run] {
            await run.event("busy")
            bench.scheduler.cancel(run)
            _ = await run.events()
        }
    }

    @Test func `many starts at once make one run`() async throws {
        let bench = Workbench(Self.busy)
        let starts = await withTaskGroup(of: (RunID, Bool)?.self) { group in
            for _ in 0..<100 {
                group.addTask { (try? await bench.start()).map { ($0.run.id, $0.isNew) } }  // nil fails below
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(starts.compactMap { $0 }.count == 100)
        #expect(Set(starts.compactMap { $0?.0 }).count == 1)
        #expect(starts.count { $0?.1 == true } == 1)
        let run = try await bench.start().run
        bench.scheduler.cancel(run)
        _ = await run.events()
    }

    @Test func `a run whose end has been seen cannot be joined`() async throws {
        let bench = Workbench()
        var ids: Set<RunID> = []
        for _ in 0..<200 {
            let (run, isNew) = try await bench.start()
            #expect(isNew)
            ids.insert(run.id)
            _ = await run.events()
        }
        #expect(ids.count == 200)
    }

    @Test(arguments: [1, 2, 3])
    func `only so many run at once, and the others wait for their turn`(limit: Int) async throws {
        let bench = Workbench(maxConcurrent: limit, Self.busy)
        var sessions = bench.launcher.sessions.makeAsyncIterator()
        var runs: [ActiveRun] = []
        for number in 0..<5 { runs.append(try await bench.start(Workbench.integration("i\(number)")).run) }
        for run in runs.dropFirst(limit) {
            #expect(await run.event("queued") != nil)
            #expect(run.snapshot.status == .queued)
        }
        var order: [String] = []
        for _ in 0..<5 {
            let session = try #require(await sessions.next())
            order.append(session.call.integration)
            #expect(bench.launcher.launchedSessions.count { !$0.recorded.isEnded } <= limit)
            session.returns(.ok)
        }
        for run in runs { #expect(await run.events().last?.kind == .complete) }
        #expect(order.sorted() == ["i0", "i1", "i2", "i3", "i4"])
        // With several at once two may begin in the same moment.
        if limit == 1 { #expect(order == order.sorted()) }
    }

    @Test func `those who wait are told when they move up`() async throws {
        let bench = Workbench(maxConcurrent: 1, Self.busy)
        var sessions = bench.launcher.sessions.makeAsyncIterator()
        var runs: [ActiveRun] = []
        for name in ["a", "b", "c", "d"] { runs.append(try await bench.start(Workbench.integration(name)).run) }
        bench.scheduler.cancel(runs[1])
        for _ in 0..<3 { try #require(await sessions.next()).returns(.ok) }
        let events = await runs[3].events()
        let places = events.filter { $0.step == "queued" }.map {
            $0.body.contains("number 3") ? 3 : $0.body.contains("number 2") ? 2 : 1
        }
        #expect(places == [3, 2, 1])
    }

    @Test func `a run that waits for its turn can be cancelled and never starts`() async throws {
        let bench = Workbench(maxConcurrent: 1, Self.busy)
        let first = try await bench.start(Workbench.integration("a")).run
        let second = try await bench.start(Workbench.integration("b")).run
        bench.scheduler.cancel(second)
        let end = try Story(run: second, events: await second.events()).end()
        #expect(end["code"] == "cancelled")
        #expect(second.snapshot.status == .cancelled)
        bench.scheduler.cancel(first)
        _ = await first.events()
        #expect(bench.launcher.calls.map(\.integration) == ["a"])
    }

    @Test func `a run that cannot be recorded is not there afterwards`() async throws {
        let bench = Workbench()
        bench.storage.fail(.insert)
        await #expect(throws: MemoryStorage.Failure.self) { try await bench.start() }
        #expect(bench.scheduler.isIdle)
        #expect(bench.scheduler.activeRun(of: "clickup", tenant: .default) == nil)
        #expect(bench.launcher.calls.isEmpty)
    }

    @Test func `every reliable event that was shown is stored`() async throws {
        let bench = Workbench { session, _ in
            for count in 0..<100 as Range<Int64> { session.progress("a", count, of: 100) }
            session.progress("b")
            session.say(
                .report(ReportedDocument(kind: .failed, collection: "items", externalID: "1", code: "c", message: "m")))
            session.returns(.ok)
        }
        let story = try await bench.story()
        let stored = try await bench.storage.events(of: story.run.id, after: 0, limit: 10_000)
        let missing = story.events.filter { event in
            event.isReliable && !stored.contains { $0.sequence == event.sequence && $0.body == event.body }
        }
        #expect(missing.isEmpty)
        #expect(stored.last { $0.step == "a" }?.body == story.events.last { $0.step == "a" }?.body)
    }

    @Test func `numbers of events are reserved in the store before they are used`() async throws {
        let bench = Workbench { session, _ in
            for count in 0..<25_000 as Range<Int64> { session.progress("s", count) }
            session.returns(.ok)
        }
        let story = try await bench.story()
        let reserved = try #require(bench.storage.current.reserved[story.run.id])
        #expect(story.events.last.map { $0.sequence <= reserved } == true)
    }

    // MARK: The end of the daemon

    @Test func `draining refuses new runs and joins old ones`() async throws {
        let bench = Workbench { session, _ in session.progress("busy") }
        let run = try await bench.start().run
        await run.event("busy")
        bench.scheduler.drain()
        await #expect(throws: RunScheduler.Refusal.self) { try await bench.start(Workbench.integration("new")) }
        #expect(try await bench.start().run === run)
        bench.launcher.launchedSessions.first?.returns(.cancelled)
        _ = await run.events()
    }

    @Test func `a drained run goes on later: its log closes without an end, and the store has it unfinished`()
        async throws
    {
        let bench = Workbench(maxConcurrent: 1, Self.busy)
        let running = try await bench.start(Workbench.integration("a")).run
        let queued = try await bench.start(Workbench.integration("b")).run
        await running.event("busy")
        bench.scheduler.drain()
        for run in [running, queued] { #expect(await run.events().allSatisfy { !$0.isTerminal }) }
        #expect(bench.scheduler.isIdle)
        #expect(Set(try bench.storage.unfinishedRuns().map(\.id)) == [running.id, queued.id])
        #expect(bench.launcher.calls.count == 1)
    }

    @Test func `a plugin that finishes while the daemon drains has succeeded`() async throws {
        let bench = Workbench { session, _ in
            session.progress("busy")
            session.on(.cancel, .said(.returned(.ok)))
        }
        let run = try await bench.start().run
        await run.event("busy")
        bench.scheduler.drain()
        #expect(await run.events().last?.kind == .complete)
    }

    @Test func `a run that is recorded while the daemon drains does not stay behind`() async throws {
        let bench = Workbench(maxConcurrent: 1, Self.busy)
        bench.storage.before(.insert) { [scheduler = bench.scheduler] _ in scheduler.drain() }
        let run = try await bench.start().run
        _ = await run.events()
        #expect(bench.scheduler.isIdle)
        #expect(bench.launcher.calls.isEmpty)
    }

    @Test func `an unfinished run goes on as a new attempt with the same log`() async throws {
        let before = Workbench(Self.busy)
        let old = try await before.start().run
        await old.event("busy")
        before.scheduler.drain()
        let seen = await old.events()

        let after = Workbench()
        after.storage.change { $0 = before.storage.current }
        try await after.scheduler.resumeUnfinishedRuns(of: [Workbench.integration()])
        let resumed = after.scheduler.activeRun(old.id)
        let events: [RunEvent] =
            if let resumed { await resumed.events() } else {
                try await after.storage.events(of: old.id, after: 0, limit: 100)
            }
        #expect(events.last?.kind == .complete)
        #expect(events.count { $0.isTerminal } == 1)
        #expect(events.contains { $0.step == "resumed" })
        #expect(Set(events.map(\.sequence)).count == events.count)
        let reliable = seen.filter(\.isReliable).map(\.body)
        #expect(Array(events.map(\.body).prefix(reliable.count)) == reliable)
        #expect(after.storage.current.runs[old.id]?.attempt == 2)
    }

    @Test func `restarts while a run waits for its turn cost it no attempt`() async throws {
        var storage = MemoryStorage().current
        var id: RunID?
        for _ in 1...5 {
            let bench = Workbench(maxConcurrent: 1, Self.busy)
            bench.storage.change { [storage] in $0 = storage }
            _ = try await bench.start(Workbench.integration("first"))
            if let id {
                try await bench.scheduler.resumeUnfinishedRuns(of: [Workbench.integration()], only: "clickup")
                #expect(bench.scheduler.activeRun(id)?.snapshot.status == .queued)
            } else {
                id = try await bench.start().run.id
            }
            bench.scheduler.drain()
            storage = bench.storage.current
            #expect(id.map { storage.runs[$0]?.attempt } == 1)
            #expect(id.map { storage.runs[$0]?.status } == .queued)
        }
    }

    @Test func `an unfinished run whose integration is gone ends`() async throws {
        let bench = Workbench()
        var run = Run(id: RunID(), integration: "gone", tenant: .default, createdAt: .now, requestedBy: "test")
        run.status = .running
        bench.storage.change { [run] in $0.runs[run.id] = run }
        try await bench.scheduler.resumeUnfinishedRuns(of: [Workbench.integration()])
        #expect(bench.storage.current.runs[run.id]?.status == .interrupted)
        #expect(bench.storage.current.events[run.id]?.last?.kind == .error)
        #expect(bench.launcher.calls.isEmpty)
    }
}
