import Core
import Testing

extension StorageConformance {
    @Suite("Deleting documents") struct Deletion {
        @Test("complete() buries what the run did not see, each with a number", arguments: engines)
        func complete(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(
                .page("a"), .page("b", revision: "1"), .page("c"), .page("d"),
                .page("x", in: "docs"))
            bench.clock.advance(by: .seconds(5))
            let session = try await bench.session()
            #expect(try session.known(page("b"), revision: "1"))
            let result = try session.commit(
                .page("a", "new"), .complete(collection: "pages", scope: nil))
            #expect(result["pages"] == counts(updated: 1, unchanged: 1, deleted: 2))
            #expect(try await bench.living() == ["a", "b", "x"])
            let stored = try await bench.documents()
            let buried = [stored[page("c")], stored[page("d")]].compactMap { $0 }
            #expect(buried.map(\.deletedAt) == [bench.clock.now, bench.clock.now])
            #expect(buried.map(\.change).sorted() == [7, 8])
        }

        @Test("with a scope, complete() leaves the rest of the collection", arguments: engines)
        func scope(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(
                .page("a", scope: "s"), .page("b", scope: "s"), .page("c", scope: "t"), .page("d"))
            let result = try await bench.importing(
                .page("a", scope: "s"), .complete(collection: "pages", scope: "s"))
            #expect(result["pages"] == counts(unchanged: 1, deleted: 1))
            #expect(try await bench.living() == ["a", "c", "d"])
        }

        @Test("complete() without documents buries the whole collection", arguments: engines)
        func everything(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let pages = (0..<1_203).map { ImportOperation.page("\($0)") }
            try await bench.session().commit(pages)
            let result = try await bench.importing(.complete(collection: "pages", scope: nil))
            #expect(result["pages"] == counts(deleted: 1_203))
            #expect(
                try await bench.importing(.complete(collection: "pages", scope: nil)).total
                    == counts())
        }

        @Test("complete() takes no document of another tenant or integration", arguments: engines)
        func foreign(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let acme = Tenant(organization: "acme", project: "default")
            try await bench.session("folder").commit(.page("f"))
            try await bench.session(tenant: acme).commit(.page("t"), .page("u", parent: page("p")))
            try await bench.importing(.page("p"))
            try await bench.importing(.complete(collection: "pages", scope: nil))
            #expect(try await bench.living() == ["f"])
            #expect(
                try await bench.store.documents(DocumentQuery(tenant: acme)).items.count == 2)
        }

        @Test("descendants go with their ancestor, in whatever collection", arguments: engines)
        func descendants(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(
                .page("d1", in: "docs"), .page("d2", in: "docs"),
                .page("p1", parent: doc("d1")), .page("p2", parent: page("p1")),
                .page("p3", parent: page("p2")), .page("q1", parent: doc("d2")))
            let result = try await bench.importing(
                .page("d2", in: "docs"), .complete(collection: "docs", scope: nil))
            #expect(result["docs"] == counts(unchanged: 1, deleted: 1))
            #expect(result["pages"] == counts(deleted: 3))
            #expect(try await bench.living() == ["d2", "q1"])
        }

        @Test("a tree within the completed collection goes once", arguments: engines)
        func tree(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(
                .page("a"), .page("b", parent: page("a")), .page("c", parent: page("b")),
                .page("d", parent: page("c")))
            let result = try await bench.importing(.complete(collection: "pages", scope: nil))
            #expect(result["pages"] == counts(deleted: 4))
            #expect(try await bench.documents().values.map(\.change).sorted() == [5, 6, 7, 8])
        }

        @Test("1,300 children and a chain of 700 go with their ancestor", arguments: engines)
        func manyDescendants(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var operations = [ImportOperation.page("d", in: "docs")]
            operations += (0..<1_300).map { .page("wide \($0)", parent: doc("d")) }
            operations.append(.page("deep 0", parent: doc("d")))
            operations += (1..<700).map { .page("deep \($0)", parent: page("deep \($0 - 1)")) }
            try await bench.session().commit(operations)
            let result = try await bench.importing(.complete(collection: "docs", scope: nil))
            #expect(result["pages"] == counts(deleted: 2_000))
        }

        @Test("parents that form a circle do not stop a deletion", arguments: engines)
        func circle(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(
                .page("a", parent: page("b")), .page("b", parent: page("a")),
                .page("self", parent: page("self")))
            let result = try await bench.importing(
                .failure("other"), .complete(collection: "pages", scope: nil))
            #expect(result["pages"] == counts(deleted: 3, failed: 1))
        }

        @Test("a descendant that the run has seen stays", arguments: engines)
        func seenDescendant(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(
                .page("d", in: "docs"), .page("p", parent: doc("d")), .page("q", parent: doc("d")))
            try await bench.importing(
                .page("p", parent: doc("d")), .complete(collection: "docs", scope: nil))
            #expect(try await bench.living() == ["p"])
        }

        @Test("a failed document stays, and so does all that hangs on it", arguments: engines)
        func failed(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(
                .page("d", in: "docs"), .page("p", parent: doc("d")),
                .page("q", parent: page("p")), .page("gone"))
            let result = try await bench.importing(
                .failure("d", in: "docs"), .complete(collection: "docs", scope: nil),
                .complete(collection: "pages", scope: nil))
            #expect(result["docs"] == counts(failed: 1))
            #expect(result["pages"] == counts(deleted: 1))
            #expect(try await bench.living() == ["d", "p", "q"])
        }

        @Test("a failed descendant stays when its ancestor goes", arguments: engines)
        func failedDescendant(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(
                .page("d", in: "docs"), .page("p", parent: doc("d")),
                .page("q", parent: page("p")), .page("r", parent: doc("d")))
            try await bench.importing(.failure("p"), .complete(collection: "docs", scope: nil))
            #expect(try await bench.living() == ["p", "q"])
        }

        @Test("what failed in one run is not protected in the next", arguments: engines)
        func failedOnce(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a"))
            try await bench.importing(.failure("a"), .complete(collection: "pages", scope: nil))
            #expect(try await bench.living() == ["a"])
            try await bench.importing(.complete(collection: "pages", scope: nil))
            #expect(try await bench.living() == [])
        }

        @Test("remove() buries one document; an absent one is nothing", arguments: engines)
        func remove(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a"), .page("b"))
            let result = try await bench.importing(
                .remove(page("a")), .remove(page("a")), .remove(page("never")))
            #expect(result["pages"] == counts(deleted: 1))
            let stored = try #require(try await bench.documents()[page("a")])
            #expect(stored.deletedAt == bench.clock.now)
            #expect(stored.change == 3)
        }

        @Test("remove() buries what hangs on it too, but what the run has seen", arguments: engines)
        func removeAll(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(
                .page("a"), .page("b", parent: page("a")), .page("c", parent: page("b")), .page("d", parent: page("a")),
                .page("e"))
            try await bench.importing(.page("d", "moved"), .remove(page("a")))
            #expect(try await bench.living() == ["d", "e"])
        }

        @Test("a tombstone that comes back is new, even with the same content", arguments: engines)
        func comesBack(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a"))
            let before = try #require(try await bench.documents()[page("a")])
            try await bench.importing(.remove(page("a")))
            #expect(try await bench.importing(.page("a"))["pages"] == counts(new: 1))
            let after = try #require(try await bench.documents()[page("a")])
            #expect(after.deletedAt == nil)
            #expect(after.id == before.id)
            #expect(after.change == 3)
        }
    }
}
