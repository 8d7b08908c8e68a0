import Core
import Testing

extension StorageConformance {
    @Suite("Logs") struct Logs {
        private func event(_ sequence: Int64, _ step: String, reliable: Bool) -> RunEvent {
            RunEvent(
                sequence: sequence, kind: .progress, step: step, isReliable: reliable,
                body: "{\"seq\":\(sequence)}")
        }

        @Test("a run is recorded together with its first events", arguments: engines)
        func firstEvents(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = Run(
                id: RunID(), integration: "x", tenant: .default, createdAt: .now, requestedBy: "t")
            try await bench.store.insert(
                run, events: [event(1, "starting", reliable: true)], reservingUpTo: 100)
            #expect(try await bench.store.events(of: run.id, after: 0, limit: 9).map(\.sequence) == [1])
            #expect(try bench.store.unfinishedRuns().map(\.lastEvent) == [100])
        }

        @Test("reserved numbers only grow", arguments: engines)
        func reservation(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            try bench.store.reserveEvents(of: run.id, upTo: 500)
            try bench.store.reserveEvents(of: run.id, upTo: 200)
            #expect(try bench.store.unfinishedRuns().map(\.lastEvent) == [500])
        }

        @Test("newer progress replaces older progress of its step, and nothing reliable", arguments: engines)
        func superseded(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            let session = try bench.store.beginImport(run)
            func commit(_ events: RunEvent...) throws {
                var batch = ImportBatch()
                batch.events = events
                _ = try session.commit(batch)
            }
            try commit(event(1, "docs", reliable: true), event(2, "docs", reliable: false))
            try commit(event(3, "pages", reliable: false), event(4, "docs", reliable: false))
            #expect(
                try await bench.store.events(of: run.id, after: 0, limit: 9).map(\.sequence) == [1, 3, 4])
        }

        @Test("log lines come back in order and in pages", arguments: engines)
        func lines(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            let session = try bench.store.beginImport(run)
            var batch = ImportBatch()
            batch.logLines = ["one", "two\0more", "three"].map {
                RunLogLine(time: bench.clock.now, level: "info", source: .stderr, message: $0)
            }
            _ = try session.commit(batch)
            let first = try await bench.store.logLines(of: run.id, after: 0, limit: 2)
            #expect(first.items == Array(batch.logLines.prefix(2)))
            let next = try #require(first.next.flatMap { Int64($0) })
            let rest = try await bench.store.logLines(of: run.id, after: next, limit: 2)
            #expect(rest.items.map(\.message) == ["three"])
            #expect(rest.next == nil)
        }

        @Test("of a run's log the newest 10,000 lines or so are kept", arguments: engines)
        func trimmed(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            let session = try bench.store.beginImport(run)
            for _ in 0..<13 {
                var batch = ImportBatch()
                batch.logLines = (0..<1000).map { _ in
                    RunLogLine(time: bench.clock.now, level: "info", source: .plugin, message: "x")
                }
                _ = try session.commit(batch)
            }
            var query: Int64 = 0
            var count = 0
            while true {
                let page = try await bench.store.logLines(of: run.id, after: query, limit: 5000)
                count += page.items.count
                guard let next = page.next.flatMap({ Int64($0) }) else { break }
                query = next
            }
            #expect(count == 10_000)
        }

        @Test("a run that goes on in another session knows what it has seen and counted", arguments: engines)
        func marks(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a"), .page("b"), .page("gone"))
            let run = try await bench.run()
            let first = try bench.store.beginImport(run)
            _ = try first.commit([
                .page("a"), .page("new"),
                .report(
                    ReportedDocument(
                        kind: .failed, collection: "pages", externalID: "b", code: "x", message: "y")),
            ])
            // The process ends here; the next one opens a new session of the same run.
            let second = try bench.store.beginImport(run)
            let counts = try second.commit([.page("new"), .complete(collection: "pages", scope: nil)])
            #expect(try await bench.living() == ["a", "b", "new"])
            #expect(counts["pages"].new == 1)
            #expect(counts["pages"].unchanged == 1)
            #expect(counts["pages"].failed == 1)
            #expect(counts["pages"].deleted == 1)
        }

        @Test("an idempotency key stands for its first run for a day", arguments: engines)
        func idempotency(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let key = IdempotencyKey(principal: "p", route: "POST /x", key: "k", bodyDigest: "1")
            let run = RunID()
            #expect(try await bench.store.earlierClaim(key) == .granted)
            #expect(try await bench.store.claim(key, for: run) == .granted)
            #expect(try await bench.store.claim(key, for: RunID()) == .taken(run))
            #expect(try await bench.store.earlierClaim(key) == .taken(run))
            var other = key
            other.bodyDigest = "2"
            #expect(try await bench.store.earlierClaim(other) == .reused)
            other.principal = "q"
            #expect(try await bench.store.earlierClaim(other) == .granted)
            bench.clock.now = bench.clock.now + .seconds(86_401)
            #expect(try await bench.store.earlierClaim(key) == .granted)
        }
    }
}
