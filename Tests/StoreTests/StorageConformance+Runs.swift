import Core
import Testing

extension StorageConformance {
    @Suite("Runs") struct Runs {
        @Test("a run comes back field for field", arguments: engines)
        func roundTrip(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var run = try await bench.run(tenant: Tenant(organization: "acme", project: "kb"))
            let fresh = try #require(try await bench.store.run(run.id))
            #expect(fresh.status == .queued)
            #expect(fresh.progress == nil && fresh.failure == nil && fresh.result == nil)

            run.status = .completedWithErrors
            run.startedAt = bench.clock.now
            run.endedAt = bench.clock.now + .seconds(3)
            run.resumeAt = bench.clock.now + .seconds(9)
            run.options.isFull = true
            run.options.collections = ["docs", "pages"]
            run.options.settings = ["spaces": ["1", 2, nil, 1.5], "deep": ["x": true]]
            run.progress = RunProgress(step: "Fetching", message: "3 of 9", count: 3, total: 9)
            run.progress?.percent = 50
            run.progress?.etaSeconds = 12
            run.counts["pages"] = counts(
                new: 1, updated: 2, unchanged: 3, deleted: 4, failed: 5, skipped: 6)
            run.result = ["z": 1, "a": "text\0after"]
            run.failure = RunFailure(.upstreamRateLimited, "slow", hint: "wait", isRetryable: true)
            run.lastEvent = 17
            run.attempt = 3
            run.endsUnread = true
            try bench.store.update(run, appending: [])

            let stored = try #require(try await bench.store.run(run.id))
            #expect(stored.id == run.id)
            #expect(stored.tenant == run.tenant)
            #expect(stored.integration == run.integration)
            #expect(stored.requestedBy == run.requestedBy)
            #expect(stored.status == run.status)
            #expect(stored.createdAt == run.createdAt)
            #expect(stored.startedAt == run.startedAt)
            #expect(stored.endedAt == run.endedAt)
            #expect(stored.resumeAt == run.resumeAt)
            #expect(stored.options == run.options)
            #expect(stored.progress == run.progress)
            #expect(stored.counts == run.counts)
            #expect(stored.result?.text == #"{"z":1,"a":"text\u0000after"}"#)
            #expect(stored.failure == run.failure)
            #expect(stored.lastEvent == 17)
            #expect(stored.attempt == 3)
            #expect(stored.endsUnread)
        }

        @Test("what was asked to stop stays so until it has ended", arguments: engines)
        func cancelling(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var run = try await bench.run()
            try await bench.store.noteCancelling(run.id)
            run.status = .running
            try bench.store.update(run, appending: [])
            #expect(try await bench.store.run(run.id)?.status == .cancelling)
            run.status = .cancelled
            try bench.store.update(run, appending: [])
            try await bench.store.noteCancelling(run.id)
            #expect(try await bench.store.run(run.id)?.status == .cancelled)
        }

        @Test("an unknown run is nil, and cannot be updated", arguments: engines)
        func unknown(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            #expect(try await bench.store.run(RunID()) == nil)
            let run = Run(
                id: RunID(), integration: "x", tenant: .default, createdAt: .now, requestedBy: "t")
            #expect(throws: StorageError.self) { try bench.store.update(run, appending: []) }
        }

        @Test("runs are listed newest first, by tenant, integration and status", arguments: engines)
        func list(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var ids: [RunID] = []
            for index in 0..<7 {
                bench.clock.advance(by: .seconds(1))
                var run = try await bench.run(index.isMultiple(of: 2) ? "clickup" : "folder")
                run.status = index < 4 ? .succeeded : .failed
                try bench.store.update(run, appending: [])
                ids.append(run.id)
            }
            _ = try await bench.run(tenant: Tenant(organization: "acme", project: "kb"))

            var query = RunQuery(tenant: .default)
            #expect(try await bench.store.runs(query).items.map(\.id) == ids.reversed())
            query.integration = "folder"
            #expect(try await bench.store.runs(query).items.map(\.id) == [ids[5], ids[3], ids[1]])
            query.statuses = [.succeeded, .running]
            #expect(try await bench.store.runs(query).items.map(\.id) == [ids[3], ids[1]])
        }

        @Test("pages of runs join without gap or overlap", arguments: engines)
        func pages(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var ids: [RunID] = []
            for _ in 0..<6 {
                bench.clock.advance(by: .milliseconds(1))
                ids.append(try await bench.run().id)
            }
            var query = RunQuery(tenant: .default)
            query.limit = 3
            let first = try await bench.store.runs(query)
            // A run that is created meanwhile does not shift the rest.
            bench.clock.advance(by: .milliseconds(1))
            _ = try await bench.run()
            #expect(first.next != nil)
            query.after = first.next
            let second = try await bench.store.runs(query)
            #expect(first.items.map(\.id) + second.items.map(\.id) == ids.reversed())
            #expect(second.next == nil)
        }

        @Test("unfinished runs are those without an end, of every tenant", arguments: engines)
        func unfinished(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var open: Set<RunStatus> = []
            for status in RunStatus.allCases {
                var run = try await bench.run(
                    tenant: Tenant(organization: status.rawValue, project: "p"))
                run.status = status
                try bench.store.update(run, appending: [])
                if !status.isTerminal { open.insert(status) }
            }
            let found = try bench.store.unfinishedRuns()
            #expect(Set(found.map(\.status)) == open)
            #expect(found.count == open.count)
        }

        @Test("events come back in order, from where a reader stands", arguments: engines)
        func events(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            let other = try await bench.run()
            let events = (1...9).map {
                RunEvent(
                    sequence: $0, kind: $0 == 9 ? .error : .progress, step: $0 == 9 ? "" : "Step \($0)",
                    isReliable: $0 % 2 == 1, body: #"{"n":\#($0)}"#)
            }
            try bench.store.update(run, appending: Array(events[..<5]))
            try bench.store.update(other, appending: Array(events[..<2]))
            var batch = ImportBatch()
            batch.events = Array(events[5...])
            _ = try bench.store.beginImport(run).commit(batch)

            let found = try await bench.store.events(of: run.id, after: 3, limit: 100)
            #expect(found.map(\.sequence) == [4, 5, 6, 7, 8, 9])
            #expect(found.map(\.body) == events[3...].map(\.body))
            #expect(found.map(\.step) == events[3...].map(\.step))
            #expect(found.map(\.isReliable) == events[3...].map(\.isReliable))
            #expect(found.last?.kind == .error)
            let limited = try await bench.store.events(of: run.id, after: 0, limit: 2)
            #expect(limited.map(\.sequence) == [1, 2])
        }

        @Test("a run and its events are written together or not at all", arguments: engines)
        func together(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var run = try await bench.run()
            let event = RunEvent(
                sequence: 1, kind: .complete, step: "", isReliable: true, body: "{}")
            run.status = .succeeded
            #expect(throws: StorageError.self) {
                try bench.store.update(run, appending: [event, event])
            }
            #expect(try await bench.store.run(run.id)?.status == .queued)
            #expect(try await bench.store.events(of: run.id, after: 0, limit: 5).isEmpty)
        }
    }
}
