import Core
import Engine
import Testing

@Suite(.timeLimit(.minutes(10))) struct StoppingTests {
    @Test func `a cancelled run ends with an error event that says so`() async throws {
        let bench = Workbench { session, _ in
            session.progress("busy")
            session.upsert("1")
            session.on(.cancel, .said(.returned(.cancelled)))
        }
        let run = try await bench.start().run
        await run.event("busy")
        bench.scheduler.cancel(run)
        bench.scheduler.cancel(run)
        let story = Story(run: run, events: await run.events())
        let end = try story.end()
        #expect(end["type"] == "error" && end["code"] == "cancelled" && end["status"] == "cancelled")
        #expect(story.result.status == .cancelled)
        #expect(bench.storage.upserted == ["1"])
        #expect(bench.launcher.launchedSessions.first?.recorded.requests == [.cancel])
    }

    @Test func `a plugin that finishes in spite of a cancel has succeeded`() async throws {
        let bench = Workbench { session, _ in
            session.progress("busy")
            session.on(.cancel, .said(.returned(.ok)))
        }
        let run = try await bench.start().run
        await run.event("busy")
        bench.scheduler.cancel(run)
        #expect(await run.events().last?.kind == .complete)
        #expect(run.snapshot.status == .succeeded)
    }

    @Test func `a plugin that does not stop is told to, and then killed`() async throws {
        let bench = Workbench(cancelGrace: .zero) { session, _ in
            session.progress("busy")
            session.on(.kill, .ended)
        }
        let run = try await bench.start().run
        await run.event("busy")
        bench.scheduler.cancel(run)
        let story = Story(run: run, events: await run.events())
        #expect(try story.end()["code"] == "cancelled")
        #expect(bench.launcher.launchedSessions.first?.recorded.requests == [.cancel, .terminate, .kill])
    }

    @Test func `a plugin that nothing stops is left behind`() async throws {
        let bench = Workbench(cancelGrace: .zero) { session, _ in session.progress("busy") }
        let run = try await bench.start().run
        await run.event("busy")
        bench.scheduler.cancel(run)
        let story = Story(run: run, events: await run.events())
        #expect(try story.end()["code"] == "cancelled")
        #expect(bench.launcher.launchedSessions.first?.recorded.isEnded == true)
    }

    @Test func `a plugin that says nothing is stopped as stalled`() async throws {
        let bench = Workbench(stalledAfter: .milliseconds(20)) { session, _ in
            session.on(.cancel, .said(.returned(.cancelled)))
        }
        let story = try await bench.story()
        #expect(try story.end()["code"] == "plugin-stalled")
        #expect(story.result.status == .failed)
    }

    @Test func `talking is not working: lines do not keep a run alive`() async throws {
        let bench = Workbench(stalledAfter: .milliseconds(50)) { session, _ in
            session.on(.cancel, .said(.returned(.cancelled)))
        }
        let run = try await bench.start().run
        var sessions = bench.launcher.sessions.makeAsyncIterator()
        let session = try #require(await sessions.next())
        let talker = Task {
            while !Task.isCancelled {
                session.say(.output("still here", isError: true))
                await Task.yield()
            }
        }
        let story = Story(run: run, events: await run.events())
        talker.cancel()
        #expect(try story.end()["code"] == "plugin-stalled")
    }

    @Test func `who announced that it waits does not stall`() async throws {
        let bench = Workbench(stalledAfter: .milliseconds(20)) { session, _ in
            session.say(.waiting(until: .now + .milliseconds(300), reason: "patience"))
            session.on(.cancel, .said(.returned(.cancelled)))
        }
        let begin = ContinuousClock.now
        let story = try await bench.story()
        #expect(try story.end()["code"] == "plugin-stalled")
        #expect(begin.duration(to: .now) > .milliseconds(300))
    }

    @Test func `a run that takes too long ends as a timeout`() async throws {
        let bench = Workbench { session, _ in session.on(.cancel, .said(.returned(.cancelled))) }
        let story = try await bench.story(Workbench.integration(timeout: .milliseconds(20)))
        #expect(try story.end()["code"] == "plugin-timeout")
        #expect(bench.launcher.calls.first?.deadline != nil)
    }

    @Test func `a wait until the end of time does not crash anything`() async throws {
        let bench = Workbench { session, _ in
            session.say(.waiting(until: Timestamp(milliseconds: .max), reason: "for ever"))
            session.say(.waiting(until: Timestamp(milliseconds: 1), reason: "since long ago"))
            session.returns(.ok)
        }
        #expect(try await bench.story().end()["type"] == "complete")
    }

    @Test func `a cancel that comes before the plugin is launched is not forgotten`() async throws {
        let bench = Workbench { session, _ in session.on(.cancel, .said(.returned(.cancelled))) }
        bench.storage.before(.begin) { [scheduler = bench.scheduler] run in
            if let active = run.flatMap({ scheduler.activeRun($0.id) }) { scheduler.cancel(active) }
        }
        #expect(try await bench.story().end()["code"] == "cancelled")
    }
}
