import Core
import Engine
import Testing

@Suite(.timeLimit(.minutes(30))) struct QuarantineTests {
    private static let crashing: FakeLauncher.Script = { session, _ in session.vanish() }

    /// A bench whose plugin has crashed so often.
    private static func crashed(
        _ times: Int, _ script: @escaping FakeLauncher.Script = crashing
    ) async throws -> Workbench {
        let bench = Workbench(script)
        for _ in 0..<times { #expect(try await bench.story().end()["code"] == "plugin-crashed") }
        return bench
    }

    @Test func `after three crashes the plugin is not run, and the run says why and until when`() async throws {
        let bench = try await Self.crashed(3)
        let end = try await bench.story().end()
        #expect(end["code"] == "plugin-quarantined")
        let record = try #require(bench.scheduler.services.quarantines.record(of: "clickup"))
        let until = try #require(record.quarantine?.nextTry.description)
        let message = try #require(end["error"]?.stringValue)
        #expect(message.contains("3 times in a row") && message.contains(until) && message.contains("exit(0)"))
        #expect(end["hint"]?.stringValue?.contains("integrationd plugin retry clickup") == true)
        #expect(bench.launcher.calls.count == 3)
    }

    @Test func `two crashes and a return begin anew`() async throws {
        let bench = try await Self.crashed(2) { session, attempt in
            if attempt == 3 { session.returns(.permanent) } else { session.vanish() }
        }
        #expect(try await bench.story().result.status == .failed)
        #expect(bench.storage.current.crashRecords.isEmpty)
        for _ in 0..<2 { #expect(try await bench.story().end()["code"] == "plugin-crashed") }
        #expect(bench.scheduler.services.quarantines.record(of: "clickup") == nil)
    }

    @Test func `another content of the file is not in quarantine`() async throws {
        let bench = try await Self.crashed(3)
        bench.launcher.sha256.value = "second content"
        #expect(try await bench.story().end()["code"] == "plugin-crashed")
        #expect(bench.storage.current.crashRecords["clickup"]?.crashes == 1)
        #expect(bench.launcher.calls.count == 4)
    }

    @Test func `another integration with the same file runs`() async throws {
        let bench = try await Self.crashed(3)
        #expect(try await bench.story(Workbench.integration("other")).end()["code"] == "plugin-crashed")
    }

    @Test func `whoever knows better lets it run at once`() async throws {
        let bench = try await Self.crashed(3)
        let quarantines = bench.scheduler.services.quarantines
        #expect(quarantines.clear("clickup"))
        #expect(!quarantines.clear("clickup"))
        #expect(try await bench.story().end()["code"] == "plugin-crashed")
    }

    @Test func `a daemon that starts anew remembers`() async throws {
        let bench = try await Self.crashed(3)
        let again = RunScheduler(
            EngineServices(
                storage: bench.storage, launcher: bench.launcher, logger: bench.scheduler.services.logger,
                limits: bench.scheduler.services.limits))
        let run = try await again.start(
            Workbench.integration(), tenant: .default, options: RunOptions(), requestedBy: "test"
        ).run
        _ = await run.events()
        #expect(run.snapshot.failure?.code == .pluginQuarantined)
    }

    @Test func `a run that was cancelled says nothing of the file`() async throws {
        let bench = Workbench { session, _ in session.on(.cancel, .ended) }
        for _ in 0..<4 {
            let run = try await bench.start().run
            bench.scheduler.cancel(run)
            _ = await run.events()
            #expect(run.snapshot.status == .cancelled)
        }
        #expect(bench.storage.current.crashRecords.isEmpty)
    }
}
