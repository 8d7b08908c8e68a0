import Core
import Testing

extension StorageConformance {
    @Suite("Counting") struct Counting {
        @Test(
            "a document counts once per run, as the strongest of what happened", arguments: engines)
        func once(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let first = try await bench.session()
            try first.commit(.page("a", "1"), .page("a", "1"))
            #expect(try first.commit(.page("a", "2"))["pages"] == counts(new: 1))

            let second = try await bench.session()
            #expect(try second.commit(.page("a", "2"))["pages"] == counts(unchanged: 1))
            #expect(try second.commit(.page("a", "3"))["pages"] == counts(updated: 1))
            #expect(try second.commit(.page("a", "3"))["pages"] == counts(updated: 1))
            #expect(try second.commit(.page("a", "4"))["pages"] == counts(updated: 1))
        }

        @Test("collections are counted apart", arguments: engines)
        func collections(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let result = try await bench.importing(
                .page("a"), .page("b"), .page("a", in: "docs"), .failure("x", in: "spaces"))
            #expect(result.collections.keys.sorted() == ["docs", "pages", "spaces"])
            #expect(result["docs"] == counts(new: 1))
            #expect(result["spaces"] == counts(failed: 1))
            #expect(result.total == counts(new: 3, failed: 1))
        }

        @Test("a failed document counts as failed, once and only", arguments: engines)
        func failed(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let session = try await bench.session()
            try session.commit(.failure("a"), .failure("a"))
            #expect(try session.commit(.page("a"))["pages"] == counts(failed: 1))
            #expect(
                try session.commit(.page("b"), .failure("b"))["pages"] == counts(failed: 2))
            #expect(
                try session.commit(.remove(page("a")))["pages"] == counts(failed: 2))
        }

        @Test("a document that was removed and failed counts as failed", arguments: engines)
        func removedThenFailed(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a"))
            #expect(
                try await bench.importing(.remove(page("a")), .failure("a"))["pages"]
                    == counts(failed: 1))
            #expect(try await bench.importing(.failure("a"))["pages"] == counts(failed: 1))
        }

        @Test("skipped documents count; notes do not", arguments: engines)
        func skipped(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let skipped = ReportedDocument(
                kind: .skipped, collection: "pages", externalID: "a", code: "too-large", message: ""
            )
            let note = ReportedDocument(
                kind: .note, collection: nil, externalID: nil, code: "hidden", message: "")
            let result = try await bench.importing(.report(skipped), .report(note))
            #expect(result.collections == ["pages": counts(skipped: 1)])
        }

        @Test("a document that goes and comes within a run is not deleted", arguments: engines)
        func removedAndEmitted(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a"))
            let result = try await bench.importing(.remove(page("a")), .page("a"))
            #expect(result["pages"] == counts(new: 1))
            #expect(try await bench.living() == ["a"])
        }

        @Test("a document that comes and goes within a run counts as deleted", arguments: engines)
        func emittedAndRemoved(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let result = try await bench.importing(.page("a"), .remove(page("a")))
            #expect(result["pages"] == counts(deleted: 1))
            #expect(try await bench.living() == [])
        }

        @Test(
            "what an attempt has only looked at counts once, also where the run was stored meanwhile",
            arguments: engines)
        func suspended(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a"), .page("b"), .page("c"))
            var run = try await bench.run()
            // An attempt that changes nothing and is stopped, as the daemon stops.
            run.counts = try bench.store.beginImport(run).commit(.page("a"), .page("b"))
            try bench.store.update(run, appending: [])
            // The next begins anew, and leaves a checkpoint; so the third does not, which is stopped too.
            try bench.store.beginImport(run).commit(.page("a"), .checkpoint([1]))
            run.counts = try bench.store.beginImport(run).commit(.page("b"))
            try bench.store.update(run, appending: [])
            #expect(try bench.store.beginImport(run).commit(.page("b"), .page("c"))["pages"] == counts(unchanged: 3))
        }

        @Test("the counts of two sessions do not mix", arguments: engines)
        func sessions(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let one = try await bench.session()
            let other = try await bench.session("folder")
            try one.commit(.page("a"))
            #expect(try other.commit(.page("a"))["pages"] == counts(new: 1))
            #expect(try one.commit(.page("b"))["pages"] == counts(new: 2))
        }
    }
}
