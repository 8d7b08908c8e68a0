import Core
import Engine
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct ImportExecutionTests {
    // MARK: Failures

    @Test func `a plugin that cannot be launched is an error event`() async throws {
        let bench = Workbench { (_, _) throws(RunFailure) in
            throw RunFailure(.pluginUnavailable, "There is no such file.", hint: "Put it there.")
        }
        let end = try await bench.story().end()
        #expect(end["error"] == "There is no such file." && end["code"] == "plugin-unavailable")
        #expect(end["hint"] == "Put it there." && end["retryable"] == false && end["status"] == "failed")
    }

    @Test func `a worker that vanishes is an error, never complete, and what it stored stays`() async throws {
        let bench = Workbench { session, _ in
            session.progress("storing")
            session.upsert("1")
            session.vanish()
        }
        let story = try await bench.story()
        let end = try story.end()
        #expect(end["code"] == "plugin-crashed" && end["type"] == "error")
        #expect(end["error"]?.stringValue?.contains("in step storing") == true)
        #expect(bench.storage.upserted == ["1"])
        #expect(story.result.counts.total.imported == 1)
        #expect(end["result"]?["totalImported"] == 1)
    }

    @Test func `a plugin that cannot be loaded is an error`() async throws {
        let bench = Workbench { session, _ in session.say(.loadFailed("undefined symbol: x")) }
        let end = try await bench.story().end()
        #expect(end["code"] == "plugin-unavailable")
        #expect(end["error"]?.stringValue?.contains("undefined symbol: x") == true)
    }

    @Test func `a failed document makes a run complete with errors`() async throws {
        let bench = Workbench { session, _ in
            session.upsert("1")
            session.say(
                .report(
                    ReportedDocument(
                        kind: .failed, collection: "items", externalID: "2", code: "unreadable", message: "No.")))
            session.returns(.ok)
        }
        let story = try await bench.story()
        #expect(story.result.status == .completedWithErrors)
        let end = try story.end()
        #expect(end["success"] == true && end["status"] == "completed_with_errors")
        #expect(end["result"]?["totalFailed"] == 1)
        let failed = try story.body(#require(story.events.first { $0.step == "document_failed" }))
        #expect(failed["collection"] == "items" && failed["documentId"] == "2" && failed["code"] == "unreadable")
    }

    @Test func `failed documents are in the stream up to a limit, and all in the report`() async throws {
        let bench = Workbench { session, _ in
            for id in 0..<3000 {
                session.say(
                    .report(
                        ReportedDocument(
                            kind: .failed, collection: "items", externalID: "\(id)", code: "c", message: "m")))
            }
            session.returns(.ok)
        }
        let story = try await bench.story()
        #expect(story.steps.count { $0 == "document_failed" } == 1000)
        #expect(story.result.counts.total.failed == 3000)
    }

    @Test func `skipped documents and notes are not in the stream`() async throws {
        let bench = Workbench { session, _ in
            session.say(
                .report(ReportedDocument(kind: .skipped, collection: "items", externalID: "1", code: "c", message: "m"))
            )
            session.say(
                .report(ReportedDocument(kind: .note, collection: nil, externalID: nil, code: "c", message: "m")))
            session.returns(.ok)
        }
        let story = try await bench.story()
        #expect(story.steps == ["starting", "complete"])
        #expect(bench.storage.operations.count == 2)
    }

    // MARK: The store

    @Test func `the end is announced after it was stored, and not before`() async throws {
        let seen = Mutex<[Bool]>([])
        let bench = Workbench()
        bench.storage.before(.update) { [scheduler = bench.scheduler] run in
            guard let run, run.status.isTerminal, let active = scheduler.activeRun(run.id) else { return }
            seen.withLock { $0.append(active.log.read(after: 0).entries.contains { $0.event.isTerminal }) }
        }
        let story = try await bench.story()
        #expect(story.terminals.count == 1)
        #expect(seen.withLock { $0 } == [false])
    }

    @Test func `documents are committed before the end is stored`() async throws {
        let bench = Workbench { session, _ in
            session.upsert("1")
            session.returns(.ok)
        }
        let stored = Mutex<Int?>(nil)
        bench.storage.before(.update) { [storage = bench.storage] run in
            if run?.status.isTerminal == true { stored.withLock { $0 = storage.upserted.count } }
        }
        _ = try await bench.story()
        #expect(stored.withLock { $0 } == 1)
    }

    @Test(arguments: [MemoryStorage.Operation.begin, .commit, .checkpoint])
    func `a store that fails is an error event of its own`(operation: MemoryStorage.Operation) async throws {
        let bench = Workbench { session, _ in
            session.upsert("1")
            session.returns(.ok)
        }
        bench.storage.fail(operation)
        let story = try await bench.story()
        let end = try story.end()
        #expect(end["code"] == "store-failed" && end["retryable"] == true && end["type"] == "error")
        #expect(end["error"]?.stringValue?.contains("the disk is full") == true)
        #expect(story.result.status == .failed)
        #expect(bench.scheduler.isIdle)
        #expect(bench.launcher.launchedSessions.allSatisfy { $0.recorded.isEnded })
    }

    @Test func `success that cannot be stored is not success`() async throws {
        let bench = Workbench()
        bench.storage.fail(.update)
        let story = try await bench.story()
        let end = try story.end()
        #expect(end["type"] == "error" && end["code"] == "store-failed")
        // The store still says that it is running.
        let latest = bench.scheduler.latestRun(of: "clickup", tenant: .default)
        #expect(latest?.id == story.run.id && latest?.snapshot.status == .failed)
    }

    @Test func `a store that fails in the middle ends the plugin`() async throws {
        let bench = Workbench { session, _ in
            for id in 0..<5000 { session.upsert("\(id)") }
        }
        bench.storage.fail(.commit)
        #expect(try await bench.story().end()["code"] == "store-failed")
        #expect(bench.launcher.launchedSessions.first?.recorded.requests.contains(.kill) == true)
    }

    // MARK: Batches

    @Test func `many documents are written in few transactions, none too large`() async throws {
        let bench = Workbench { session, _ in
            for id in 0..<2000 { session.upsert("\(id)") }
            session.returns(.ok)
        }
        let story = try await bench.story()
        let sizes = bench.storage.current.batches.map(\.operations.count)
        #expect(sizes.reduce(0, +) == 2000)
        #expect(sizes.max()! <= 500)
        #expect(sizes.count <= 40)
        #expect(bench.storage.upserted == (0..<2000).map(String.init))
        #expect(story.result.counts.total.new == 2000)
    }

    @Test func `large documents fill a batch by their size`() async throws {
        let bench = Workbench { session, _ in
            for id in 0..<10 { session.upsert("\(id)", content: String(repeating: "x", count: 1 << 20)) }
            session.returns(.ok)
        }
        _ = try await bench.story()
        let sizes = bench.storage.current.batches.map(\.operations.count)
        #expect(sizes.reduce(0, +) == 10)
        #expect(sizes.max()! <= 4)
    }

    @Test func `a document does not wait long for others`() async throws {
        let (committed, commit) = AsyncStream<Void>.makeStream()
        let bench = Workbench { session, _ in
            session.upsert("1")
            session.on(.cancel, .said(.returned(.cancelled)))
        }
        bench.storage.before(.commit) { _ in commit.yield() }
        let run = try await bench.start().run
        var commits = committed.makeAsyncIterator()
        await commits.next()
        bench.scheduler.cancel(run)
        _ = await run.events()
        #expect(bench.storage.upserted == ["1"])
    }

    @Test func `a document does not wait while the plugin talks without end`() async throws {
        let bench = Workbench { session, _ in
            session.upsert("1")
            session.on(.cancel, .said(.returned(.cancelled)))
        }
        let run = try await bench.start().run
        var sessions = bench.launcher.sessions.makeAsyncIterator()
        let session = try #require(await sessions.next())
        let deadline = ContinuousClock.now + .seconds(10)
        // There is always a line to take, so the engine never finds the plugin silent.
        while bench.storage.upserted.isEmpty, .now < deadline {
            for _ in 0..<100 { session.say(.log(level: .debug, message: "still here", fields: nil)) }
            await Task.yield()
        }
        #expect(bench.storage.upserted == ["1"])
        bench.scheduler.cancel(run)
        _ = await run.events()
    }

    @Test func `operations keep their order through batches`() async throws {
        let bench = Workbench { session, _ in
            session.upsert("1")
            session.say(.checkpoint([1]), .remove(DocumentKey(collection: "items", externalID: "1")))
            session.say(.complete(collection: "items", scope: "s"), .checkpoint(nil))
            session.returns(.ok)
        }
        _ = try await bench.story()
        let kinds = bench.storage.operations.map { operation in
            switch operation {
            case .upsert: "upsert"
            case .remove: "remove"
            case .complete(_, let scope): "complete \(scope ?? "-")"
            case .report: "report"
            case .checkpoint(let bytes): "checkpoint \(bytes ?? [])"
            }
        }
        #expect(kinds == ["upsert", "checkpoint [1]", "remove", "complete s", "checkpoint []"])
    }

    // MARK: Questions

    private func key(_ id: String) -> DocumentKey { DocumentKey(collection: "items", externalID: id) }

    @Test func `known() sees what is stored and what waits to be`() async throws {
        let key = key("1")
        let bench = Workbench { session, _ in
            session.say(.known(question: 1, key, revision: "old"), .known(question: 2, key, revision: "new"))
            session.upsert("1", revision: "new")
            session.say(.known(question: 3, key, revision: "old"), .known(question: 4, key, revision: "new"))
            session.upsert("2")
            session.say(.known(question: 5, DocumentKey(collection: "items", externalID: "2"), revision: ""))
            session.returns(.ok)
        }
        bench.storage.change { $0.revisions[key] = "old" }
        _ = try await bench.story()
        #expect(bench.launcher.launchedSessions.first?.recorded.answers == [true, false, false, true, false])
    }

    @Test func `known() does not see what is about to be removed`() async throws {
        let key = key("1")
        let bench = Workbench { session, _ in
            session.say(.remove(key), .known(question: 1, key, revision: "r"))
            session.returns(.ok)
        }
        bench.storage.change { $0.revisions[key] = "r" }
        _ = try await bench.story()
        #expect(bench.launcher.launchedSessions.first?.recorded.answers == [false])
    }

    @Test func `nothing is marked deleted after reports were lost`() async throws {
        let bench = Workbench { session, _ in
            session.say(.complete(collection: "before", scope: nil), .lost(logLines: 3, reports: 0))
            session.say(.complete(collection: "lines", scope: nil), .lost(logLines: 0, reports: 2))
            session.say(.complete(collection: "after", scope: nil))
            session.returns(.ok)
        }
        _ = try await bench.story()
        let completed = bench.storage.operations.compactMap {
            if case .complete(let name, _) = $0 { name } else { nil }
        }
        #expect(completed == ["before", "lines"])
        let codes = bench.storage.operations.compactMap {
            if case .report(let report) = $0 { report.code } else { nil }
        }
        #expect(codes == ["reports-lost"])
    }

    // MARK: Progress

    @Test func `a plain import's progress is made from what arrives, and ends with the last count`() async throws {
        let bench = Workbench { session, _ in
            session.say(.entered(reportsProgress: false))
            for id in 0..<1000 { session.upsert("\(id)") }
            session.returns(.ok)
        }
        let story = try await bench.story()
        let importing = try story.events.filter { $0.step == "importing" }.map { try story.body($0) }
        #expect(importing.first?["count"] == 1)
        #expect(importing.last?["count"] == 1000)
        #expect(importing.last?["message"] == "Importing... (1000 documents so far)")
        #expect(importing.count < 100)
    }

    @Test func `a plain import of nothing says nothing of importing`() async throws {
        let bench = Workbench { session, _ in
            session.say(.entered(reportsProgress: false))
            session.returns(.ok)
        }
        #expect(try await bench.story().steps == ["starting", "complete"])
    }

    @Test func `a plugin with progress of its own has no other`() async throws {
        let bench = Workbench { session, _ in
            session.say(.entered(reportsProgress: true))
            session.upsert("1")
            session.progress("mine", 1, of: 1)
            session.returns(.ok)
        }
        #expect(try await bench.story().steps == ["starting", "mine", "complete"])
    }

    @Test func `lines of a plugin are kept with the run, not in its stream`() async throws {
        let bench = Workbench { session, _ in
            session.say(.log(level: .warning, message: "logged", fields: #"{"a":1}"#))
            session.say(.output("printed", isError: false), .output("moaned", isError: true))
            session.returns(.ok)
        }
        let story = try await bench.story()
        #expect(story.steps == ["starting", "complete"])
        let lines = bench.storage.current.batches.flatMap(\.logLines)
        #expect(lines.map(\.source) == [.plugin, .stdout, .stderr])
        #expect(lines.map(\.level) == ["warning", "info", "warning"])
        #expect(lines.first?.message == #"logged {"a":1}"#)
    }

    @Test func `a plugin that waits is waiting until it goes on`() async throws {
        let bench = Workbench { session, _ in
            session.say(.waiting(until: .now + .seconds(60), reason: "The source asks for patience."))
        }
        let run = try await bench.start().run
        let event = try #require(await run.event("waiting"))
        #expect(try JSONValue(parsing: event.body)["resumeAt"]?.stringValue != nil)
        #expect(run.snapshot.status == .waiting)
        #expect(run.snapshot.resumeAt != nil)
        let session = try #require(bench.launcher.launchedSessions.first)
        session.say(.waiting(until: nil, reason: ""))
        session.progress("on")
        await run.event("on")
        #expect(run.snapshot.status == .running)
        #expect(run.snapshot.resumeAt == nil)
        session.returns(.ok)
        #expect(await run.events().last?.kind == .complete)
    }

    @Test func `a wait that is over needs no word of the plugin to be over`() async throws {
        let bench = Workbench { session, _ in
            session.say(.waiting(until: .now + .milliseconds(1), reason: "A moment."))
        }
        let run = try await bench.start().run
        await run.event("waiting")
        let session = try #require(bench.launcher.launchedSessions.first)
        var count: Int64 = 0
        let deadline = ContinuousClock.now + .seconds(10)
        while run.snapshot.status == .waiting, .now < deadline {  // the announced time has to pass
            session.progress("on", count)
            count += 1
            await Task.yield()
        }
        #expect(run.snapshot.status == .running && run.snapshot.resumeAt == nil)
        session.returns(.ok)
        #expect(await run.events().last?.kind == .complete)
    }
}
