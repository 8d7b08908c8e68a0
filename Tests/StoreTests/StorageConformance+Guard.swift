import Core
import Store
import Testing

extension StorageConformance {
    @Suite("Guarding against mass deletion") struct Guard {
        /// Ten pages, a new run with these options, and what it deleted of them.
        private func keeping(
            _ kept: Int, of total: Int = 10, _ engine: StorageEngine, options: RunOptions = RunOptions()
        ) async throws -> (counts: ImportCounts, living: [String], report: [ReportLine]) {
            let bench = try Workbench(engine)
            try await bench.session().commit((0..<total).map { .page("\($0)") })
            let run = try await bench.run(options: options)
            let session = try bench.store.beginImport(run)
            let counts = try session.commit(
                (0..<kept).map { .page("\($0)") } + [.complete(collection: "pages", scope: nil)])
            return (counts, try await bench.living(), try bench.store.reportLines(of: run.id, limit: 9))
        }

        @Test("up to 30 % of a collection go unasked", arguments: engines)
        func few(_ engine: StorageEngine) async throws {
            let (counts, living, report) = try await keeping(7, engine)
            #expect(counts["pages"].deleted == 3 && living.count == 7 && report.isEmpty)
        }

        @Test("more than 30 % stay, all of them, and the report says so", arguments: engines)
        func many(_ engine: StorageEngine) async throws {
            let (counts, living, report) = try await keeping(6, engine)
            #expect(counts["pages"].deleted == 0 && counts["pages"].failed == 0 && living.count == 10)
            #expect(report.map(\.code) == ["mass-delete"])
            #expect(report.first?.message.hasPrefix("4 of 10 pages are gone from the source") == true)
        }

        @Test("a run may be allowed to delete more", arguments: engines)
        func allowed(_ engine: StorageEngine) async throws {
            let (counts, living, _) = try await keeping(0, engine, options: .deletingAll)
            #expect(counts["pages"].deleted == 10 && living.isEmpty)
        }

        @Test("a single document is no mass", arguments: engines)
        func one(_ engine: StorageEngine) async throws {
            #expect(try await keeping(1, of: 2, engine).counts["pages"].deleted == 1)
            #expect(try await keeping(0, of: 2, engine).counts["pages"].deleted == 0)
        }

        @Test("scope by scope, a run deletes no more than 30 % either", arguments: engines)
        func scopes(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.session().commit((0..<10).map { .page("\($0)", scope: "\($0)") })
            let session = try bench.store.beginImport(try await bench.run(options: RunOptions()))
            let counts = try session.commit(
                (0..<10).map { .complete(collection: "pages", scope: "\($0)") })
            #expect(counts["pages"].deleted == 3)
            #expect(try await bench.living().count == 7)
        }

        @Test("what hangs on a document counts in its own collection", arguments: engines)
        func descendants(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.session().commit(
                (0..<10).map { .page("d\($0)", in: "docs") }
                    + (0..<4).map { .page("p\($0)", parent: DocumentKey(collection: "docs", externalID: "d0")) })
            let session = try bench.store.beginImport(try await bench.run(options: RunOptions()))
            let counts = try session.commit(
                (1..<10).map { .page("d\($0)", in: "docs") } + [.complete(collection: "docs", scope: nil)])
            #expect(counts["docs"].deleted == 0 && counts["pages"].deleted == 0)
            #expect(try await bench.living().count == 14)
        }

        @Test("new documents do not make up for those that are gone", arguments: engines)
        func replaced(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.session().commit((0..<10).map { .page("\($0)") })
            let session = try bench.store.beginImport(try await bench.run(options: RunOptions()))
            let counts = try session.commit(
                (0..<40).map { .page("new\($0)") } + [.complete(collection: "pages", scope: nil)])
            #expect(counts["pages"].new == 40 && counts["pages"].deleted == 0)
            #expect(try await bench.living().count == 50)
        }

        @Test("nothing is taken for deleted where a part could not be listed", arguments: engines)
        func incomplete(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.session().commit(.page("a"), .page("b", in: "docs"))
            let counts = try await bench.session().commit(
                .report(
                    ReportedDocument(
                        kind: .failed, collection: "pages", externalID: nil, code: "x", message: "A page is broken.")),
                .complete(collection: "pages", scope: nil), .complete(collection: "docs", scope: nil))
            #expect(counts["pages"].deleted == 0 && counts["docs"].deleted == 1)
        }

        // MARK: Checkpoints of runs that are not the whole import

        @Test("a narrowed run's checkpoint is its own and goes with it", arguments: engines)
        func ownCheckpoint(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.session().commit(.checkpoint([1]))
            var options = RunOptions()
            options.collections = ["pages"]
            var run = try await bench.run(options: options)
            try bench.store.beginImport(run).commit(.checkpoint([2]))
            #expect(try bench.store.ownCheckpoint(of: run.id) == [2])
            #expect(try bench.store.checkpoint(of: "clickup", tenant: .default) == [1])
            run.status = .succeeded
            try bench.store.update(run, appending: [])
            #expect(try bench.store.ownCheckpoint(of: run.id) == nil)
        }

        @Test("a full run's checkpoint is its own and the standing one", arguments: engines)
        func fullCheckpoint(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var options = RunOptions()
            options.isFull = true
            let run = try await bench.run(options: options)
            #expect(try bench.store.ownCheckpoint(of: run.id) == nil)
            try bench.store.beginImport(run).commit(.checkpoint([2]))
            #expect(try bench.store.ownCheckpoint(of: run.id) == [2])
            #expect(try bench.store.checkpoint(of: "clickup", tenant: .default) == [2])
        }

        // MARK: The report in words

        @Test("a report is summed up, one line for each reason", arguments: engines)
        func reportLines(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            func report(_ kind: ReportedDocument.Kind, _ id: String?, _ code: String) -> ImportOperation {
                .report(
                    ReportedDocument(
                        kind: kind, collection: id == nil ? nil : "pages", externalID: id, code: code,
                        message: "\(code) of \(id ?? "all")."))
            }
            try bench.store.beginImport(run).commit(
                report(.failed, "1", "gone"), report(.skipped, "2", "private"), report(.failed, "3", "gone"),
                report(.failed, "4", "broken"), report(.note, nil, "note"), report(.failed, "5", "gone"))
            let lines = try bench.store.reportLines(of: run.id, limit: 9)
            #expect(
                lines.map(\.sentence) == [
                    "3 pages could not be imported. The first: gone of 1.", "private of 2.", "broken of 4.",
                    "note of all.",
                ])
            #expect(lines.map(\.count) == [3, 1, 1, 1])
            #expect(try bench.store.reportLines(of: run.id, limit: 2).count == 2)
        }

        @Test("a document that failed in several ways is one, and parts without a name are none", arguments: engines)
        func parts(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            func failed(_ id: String?, _ message: String) -> ImportOperation {
                .report(
                    ReportedDocument(
                        kind: .failed, collection: "pages", externalID: id, code: "gone", message: message))
            }
            let counts = try bench.store.beginImport(run).commit(
                failed("1", "One."), failed("1", "Two."), failed("2", "Three."), failed(nil, "Listing."),
                failed(nil, "Another."))
            #expect(counts["pages"].failed == 2)
            #expect(
                try bench.store.reportLines(of: run.id, limit: 9).map(\.sentence) == [
                    "2 pages could not be imported. The first: One.",
                    "2 parts of pages could not be imported. The first: Listing.",
                ])
        }

        @Test("what was left out is counted, and the first of it named", arguments: engines)
        func skipped(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            func skip(_ id: Int) -> ImportOperation {
                .report(
                    ReportedDocument(
                        kind: .skipped, collection: "time_entries", externalID: "\(id)", code: "excluded",
                        message: "Entry \(id)."))
            }
            let session = try bench.store.beginImport(run)
            #expect(try session.commit(skip(1), skip(2), skip(1))["time_entries"] == counts(skipped: 2))
            #expect(
                try bench.store.reportLines(of: run.id, limit: 9).map(\.sentence) == [
                    "2 time entries were left out. Entry 1. Entry 2."
                ])
            for id in 3...250 { try session.commit(skip(id)) }
            let line = try #require(try bench.store.reportLines(of: run.id, limit: 9).first)
            #expect(line.count == 250)
            #expect(
                line.sentence
                    == "250 time entries were left out. The first: Entry 1. Entry 2. Entry 3. Entry 4. Entry 5.")
            #expect(try await bench.store.reports(of: run.id, after: 0, limit: 1000).items.count == 100)
        }

        @Test("notes about several things name the first of them, the same note is said once", arguments: engines)
        func notes(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            func note(_ id: Int?) -> ImportOperation {
                .report(
                    ReportedDocument(
                        kind: .note, collection: "docs", externalID: id.map { "\($0)" }, code: "c",
                        message: id.map { "No doc \($0)." } ?? "Hm."))
            }
            let session = try bench.store.beginImport(run)
            try session.commit(note(1), note(2), note(nil), note(nil))
            #expect(
                try bench.store.reportLines(of: run.id, limit: 9).map(\.sentence) == [
                    "No doc 1. No doc 2.", "Hm. (said 2 times)",
                ])
            for id in 3...7 { try session.commit(note(id)) }
            #expect(
                try bench.store.reportLines(of: run.id, limit: 1).map(\.sentence) == [
                    "No doc 1. No doc 2. No doc 3. No doc 4. No doc 5. And 2 more."
                ])
        }

        @Test("an attempt that begins anew says anew what it leaves out, one that goes on does not", arguments: engines)
        func skippedAgain(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            func skip(_ ids: ClosedRange<Int>) -> [ImportOperation] {
                ids.map {
                    .report(
                        ReportedDocument(
                            kind: .skipped, collection: "docs", externalID: "\($0)", code: "excluded", message: "\($0)")
                    )
                }
            }
            for operation in skip(1...150) { try bench.store.beginImport(run).commit(operation) }
            // Nothing was stored yet: so all comes again.
            let second = try bench.store.beginImport(run)
            for operation in skip(1...150) { try second.commit(operation) }
            #expect(try second.commit(.page("a"), .checkpoint([1]))["docs"].skipped == 150)
            let third = try bench.store.beginImport(run)
            for operation in skip(1...50) + skip(151...160) { try third.commit(operation) }
            #expect(try third.commit(.page("b"))["docs"].skipped == 160)
            #expect(try bench.store.reportLines(of: run.id, limit: 9).map(\.count) == [160])
        }
    }
}
