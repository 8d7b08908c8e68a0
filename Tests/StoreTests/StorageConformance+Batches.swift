import Core
import Testing

extension StorageConformance {
    @Suite("Batches") struct Batches {
        /// A batch that fails at its end: the event's number is taken.
        private func failingBatch(_ operations: ImportOperation...) -> ImportBatch {
            var batch = ImportBatch()
            batch.operations = operations
            let event = RunEvent(
                sequence: 1, kind: .progress, step: "s", isReliable: true, body: "{}")
            batch.events = [event, event]
            return batch
        }

        @Test("a batch that fails leaves nothing, and its retry counts right", arguments: engines)
        func rollback(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a"), .page("b"), .page("c"))
            let before = try await bench.documents()
            let run = try await bench.run()
            let session = try bench.store.beginImport(run)
            #expect(throws: StorageError.self) {
                try session.commit(
                    failingBatch(
                        .page("a", "new"), .page("d"), .remove(page("b")), .failure("c"),
                        .checkpoint([1]), .complete(collection: "pages", scope: nil)))
            }
            #expect(try await bench.documents().mapValues(\.change) == before.mapValues(\.change))
            #expect(try bench.store.checkpoint(of: "clickup", tenant: .default) == nil)
            #expect(
                try await bench.store.reports(of: run.id, after: 0, limit: 9).items.isEmpty)
            #expect(try await bench.store.events(of: run.id, after: 0, limit: 9).isEmpty)

            let result = try session.commit(
                .page("a", "new"), .complete(collection: "pages", scope: nil))
            #expect(result["pages"] == counts(updated: 1, deleted: 2))
            #expect(try await bench.documents().values.map(\.change).max() == 6)
        }

        @Test("operations work in their order within a batch", arguments: engines)
        func order(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a"), .page("b"))
            try await bench.importing(
                .page("a"), .complete(collection: "pages", scope: nil), .page("c"))
            #expect(try await bench.living() == ["a", "c"])
        }

        @Test("a checkpoint is current with its batch, and nil clears it", arguments: engines)
        func checkpoint(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let session = try await bench.session()
            try session.commit(.checkpoint([0, 255, 1]), .page("a"))
            #expect(try bench.store.checkpoint(of: "clickup", tenant: .default) == [0, 255, 1])
            try session.commit(.checkpoint([]))
            #expect(try bench.store.checkpoint(of: "clickup", tenant: .default) == [])
            #expect(try bench.store.checkpoint(of: "folder", tenant: .default) == nil)
            let acme = Tenant(organization: "acme", project: "default")
            #expect(try bench.store.checkpoint(of: "clickup", tenant: acme) == nil)
            try session.commit(.checkpoint(nil))
            #expect(try bench.store.checkpoint(of: "clickup", tenant: .default) == nil)
        }

        @Test("change numbers are never used twice, by whichever run", arguments: engines)
        func numbers(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let one = try await bench.session()
            let other = try await bench.session("folder")
            try one.commit(.page("a"))
            try other.commit(.page("b"))
            try one.commit(.remove(page("a")))
            try other.commit(.page("c"))
            var query = DocumentQuery(tenant: .default)
            query.changedAfter = 0
            let items = try await bench.store.documents(query).items
            #expect(items.map(\.draft.key.externalID) == ["b", "a", "c"])
            #expect(items.map(\.change) == [2, 3, 4])
        }

        @Test("reports are kept in their order and read in pages", arguments: engines)
        func reports(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let run = try await bench.run()
            let session = try bench.store.beginImport(run)
            let reports = [
                ReportedDocument(
                    kind: .failed, collection: "pages", externalID: "a\0b", code: "x",
                    message: "no\nanswer"),
                ReportedDocument(
                    kind: .skipped, collection: "pages", externalID: "c", code: "y", message: "big"),
                ReportedDocument(
                    kind: .note, collection: nil, externalID: nil, code: "z", message: "2 hidden"),
            ]
            try session.commit(.report(reports[0]), .report(reports[1]))
            // A session that is opened again goes on with the numbers.
            try bench.store.beginImport(run).commit(.report(reports[2]))
            let first = try await bench.store.reports(of: run.id, after: 0, limit: 2)
            #expect(first.items == Array(reports[..<2]))
            let rest = try await bench.store.reports(
                of: run.id, after: try #require(first.next.flatMap { Int64($0) }), limit: 2)
            #expect(rest.items == Array(reports[2...]))
            #expect(rest.next == nil)
        }
    }
}
