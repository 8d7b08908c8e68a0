import Core
import Engine
import Testing

@Suite(.timeLimit(.minutes(10))) struct RetryTests {
    @Test func `a transient failure is tried three times in all`() async throws {
        let bench = Workbench { session, attempt in
            session.say(.fail(code: "upstream-unavailable", message: "Try \(attempt).", retryAfter: nil))
            session.returns(.transient)
        }
        let story = try await bench.story()
        #expect(bench.launcher.calls.count == 3)
        #expect(Set(bench.launcher.calls.map(\.runID)) == [story.run.id])
        #expect(story.steps.count { $0 == "resumed" } == 2)
        let end = try story.end()
        #expect(end["code"] == "upstream-unavailable" && end["error"] == "Try 3." && end["retryable"] == true)
        #expect(story.result.attempt == 3)
        #expect(bench.launcher.launchedSessions.allSatisfy { $0.recorded.isEnded })
    }

    @Test func `an attempt that succeeds ends it, and a document counts once`() async throws {
        let bench = Workbench { session, attempt in
            session.upsert("1")
            session.upsert("\(attempt)0")
            session.returns(attempt == 1 ? .rateLimited : .ok)
        }
        let story = try await bench.story()
        #expect(story.result.status == .succeeded)
        #expect(bench.launcher.calls.count == 2)
        #expect(story.result.counts.total.new == 3)
        #expect(story.terminals.count == 1)
    }

    @Test(arguments: [
        PluginStatus.invalidSettings, .authenticationFailed, .permanent, .unsupported, .internal, .cancelled,
    ])
    func `nothing else is tried again`(status: PluginStatus) async throws {
        let bench = Workbench { session, _ in session.returns(status) }
        let story = try await bench.story()
        #expect(bench.launcher.calls.count == 1)
        #expect(story.result.status == .failed)
    }

    @Test func `a crash is not tried again`() async throws {
        let bench = Workbench { session, _ in session.vanish() }
        #expect(try await bench.story().end()["code"] == "plugin-crashed")
        #expect(bench.launcher.calls.count == 1)
    }

    @Test func `each attempt is given the checkpoint that is current by then`() async throws {
        let bench = Workbench { session, attempt in
            session.upsert("\(attempt)")
            session.say(.checkpoint([UInt8(attempt)]))
            session.returns(attempt < 3 ? .transient : .ok)
        }
        bench.storage.change { $0.checkpoint = [0] }
        _ = try await bench.story()
        #expect(bench.launcher.calls.map(\.checkpoint) == [[0], [1], [2]])
        #expect(bench.launcher.calls.allSatisfy { !$0.options.isFull })
    }

    @Test func `an invalid checkpoint starts again in full, and stays in full`() async throws {
        let bench = Workbench(retryDelay: .seconds(3600)) { session, attempt in
            if attempt == 1 {
                session.returns(.checkpointInvalid)
            } else {
                session.say(.checkpoint([9]))
                session.returns(.ok)
            }
        }
        bench.storage.change { $0.checkpoint = [1] }
        let story = try await bench.story()
        #expect(bench.launcher.calls.map(\.checkpoint) == [[1], nil])
        #expect(bench.launcher.calls.map(\.options.isFull) == [false, true])
        #expect(story.result.status == .succeeded)
    }

    @Test func `a full import is given no checkpoint`() async throws {
        let bench = Workbench()
        bench.storage.change { $0.checkpoint = [1] }
        var options = RunOptions()
        options.isFull = true
        _ = try await bench.story(options: options)
        #expect(bench.launcher.calls.first.map { $0.checkpoint == nil && $0.options.isFull } == true)
    }

    @Test func `what an earlier attempt explained is not held against a later one`() async throws {
        let bench = Workbench { session, attempt in
            if attempt == 1 {
                session.say(.fail(code: "upstream-rate-limited", message: "Slow down.", retryAfter: nil))
                session.returns(.rateLimited)
            } else {
                session.returns(.authenticationFailed)
            }
        }
        let end = try await bench.story().end()
        #expect(end["code"] == "upstream-unauthorized")
        #expect(end["error"] == "Authentication failed")
    }

    @Test func `between attempts the run waits, says until when, and can be cancelled`() async throws {
        let bench = Workbench { session, _ in
            session.say(.fail(code: "", message: "Slow down.", retryAfter: .seconds(3600)))
            session.returns(.rateLimited)
        }
        let run = try await bench.start().run
        #expect(try JSONValue(parsing: #require(await run.event("waiting")).body)["resumeAt"] != nil)
        bench.scheduler.cancel(run)
        let story = Story(run: run, events: await run.events())
        #expect(try story.end()["code"] == "cancelled")
        #expect(bench.launcher.calls.count == 1)
    }

    @Test func `a run that waits for its next attempt does not hold the daemon up`() async throws {
        let bench = Workbench(retryDelay: .seconds(3600)) { session, _ in session.returns(.transient) }
        let run = try await bench.start().run
        await run.event("waiting")
        bench.scheduler.drain()
        #expect(await run.events().allSatisfy { !$0.isTerminal })
        #expect(bench.scheduler.isIdle)
    }

    @Test func `the timeout is for the whole run, not for each attempt`() async throws {
        let bench = Workbench(cancelGrace: .zero) { session, attempt in
            session.on(.cancel, .said(.returned(.cancelled)))
            if attempt == 1 {
                session.say(.fail(code: "", message: "Later.", retryAfter: .milliseconds(200)))
                session.returns(.transient)
            }
        }
        let story = try await bench.story(Workbench.integration(timeout: .seconds(5)))
        #expect(try story.end()["code"] == "plugin-timeout")
        let deadlines = bench.launcher.calls.compactMap(\.deadline?.milliseconds)
        #expect(deadlines.count == 2)
        #expect(Set(deadlines).count == 1, "each attempt was given a deadline of its own")
    }
}
