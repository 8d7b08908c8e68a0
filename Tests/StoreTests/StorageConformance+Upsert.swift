import Core
import Testing

extension StorageConformance {
    @Suite("Emitting documents") struct Upsert {
        @Test("a stored document comes back field for field", arguments: engines)
        func roundTrip(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var draft = DocumentDraft(key: page("p1"))
            draft.title = "Ζωή 👩‍👩‍👧 e\u{301}"
            draft.content = "# Text\r\n\u{2028}ends with spaces  "
            draft.contentType = "text/plain"
            draft.url = "https://example.org/p1"
            draft.revision = "r7"
            draft.scope = "space"
            draft.parent = doc("d1")
            draft.position = 2.5
            draft.path = ["Root", "a \"quoted\" title", ""]
            draft.createdAt = "2026-01-02T03:04:05Z"
            draft.updatedAt = "2026-01-03T03:04:05+02:00"
            draft.authors = #"[{"name":"Ada"}]"#
            draft.metadata = #"{"z":1,"a":[2.50]}"#
            draft.contentHash = "abc"
            try await bench.importing(.upsert(draft))

            let stored = try #require(try await bench.documents()[page("p1")])
            #expect(UUIDv7.isWellFormed(stored.id))
            #expect(stored.tenant == .default)
            #expect(stored.integration == "clickup")
            #expect(stored.change == 1)
            #expect(stored.syncedAt == bench.clock.now)
            #expect(stored.deletedAt == nil)
            expectEqual(stored.draft, draft)
            let single = try #require(try await bench.store.document(stored.id, tenant: .default))
            expectEqual(single.draft, draft)
        }

        @Test("what a draft leaves open stays open", arguments: engines)
        func roundTripOfAlmostNothing(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var draft = DocumentDraft(key: page(""))
            draft.contentHash = "h"
            try await bench.importing(.upsert(draft))
            expectEqual(try #require(try await bench.documents()[page("")]).draft, draft)
        }

        @Test("text keeps every byte after a NUL, in keys too", arguments: engines)
        func nul(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            var draft = DocumentDraft(
                key: DocumentKey(collection: "pages", externalID: "a\0b"))
            draft.title = "\0title\0"
            draft.content = "before\0after\0"
            draft.url = "u\0v"
            draft.revision = "1\0x"
            draft.path = ["one\0two"]
            draft.parent = DocumentKey(collection: "docs", externalID: "d\0e")
            draft.contentHash = "h"
            let session = try await bench.session()
            try session.commit(.upsert(draft), .page("a"))

            expectEqual(try #require(try await bench.documents()[draft.key]).draft, draft)
            #expect(try session.known(draft.key, revision: "1\0x"))
            #expect(try !session.known(draft.key, revision: "1"))
            #expect(try await bench.documents().count == 2)
        }

        @Test("a document of 20 MB is stored whole", arguments: engines)
        func large(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let text = String(repeating: "0123456789abcde\n", count: 20 * 65_536)
            try await bench.importing(.page("p", text))
            #expect(try await bench.documents()[page("p")]?.draft.content == text)
        }

        @Test("ids that differ in normalization only are two documents", arguments: engines)
        func normalization(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("e\u{301}"), .page("\u{E9}"))
            var query = DocumentQuery(tenant: .default)
            query.limit = 10
            let items = try await bench.store.documents(query).items
            #expect(Set(items.map { Array($0.draft.key.externalID.utf8) }).count == 2)
        }

        @Test("unchanged documents get no new number and are not written", arguments: engines)
        func unchanged(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            #expect(try await bench.importing(.page("a"), .page("b"))["pages"] == counts(new: 2))
            let before = try await bench.documents()
            bench.clock.advance(by: .seconds(60))
            #expect(
                try await bench.importing(.page("a"), .page("b"))["pages"] == counts(unchanged: 2))
            let after = try await bench.documents()
            #expect(after.mapValues(\.change) == before.mapValues(\.change))
            #expect(after.mapValues(\.syncedAt) == before.mapValues(\.syncedAt))
            try await bench.importing(.page("c"))
            #expect(try await bench.documents()[page("c")]?.change == 3)
        }

        @Test("a changed document keeps its id and takes the next number", arguments: engines)
        func updated(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a", "old"), .page("b"))
            let before = try #require(try await bench.documents()[page("a")])
            bench.clock.advance(by: .seconds(60))
            #expect(try await bench.importing(.page("a", "new"))["pages"] == counts(updated: 1))
            let after = try #require(try await bench.documents()[page("a")])
            #expect(after.id == before.id)
            #expect(after.draft.content == "new")
            #expect(after.change == 3)
            #expect(after.syncedAt == bench.clock.now)
        }

        @Test("a revision or scope alone is followed without a number", arguments: engines)
        func revision(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a", scope: "s1", revision: "1"))
            let result = try await bench.importing(.page("a", scope: "s2", revision: "2"))
            #expect(result["pages"] == counts(unchanged: 1))
            let stored = try #require(try await bench.documents()[page("a")])
            #expect(stored.draft.revision == "2")
            #expect(stored.draft.scope == "s2")
            #expect(stored.change == 1)
            #expect(try await bench.session().known(page("a"), revision: "2"))
        }

        @Test("the same id is another document elsewhere", arguments: engines)
        func identity(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let others = [
                Tenant(organization: "acme", project: "default"),
                Tenant(organization: "default", project: "acme"),
            ]
            try await bench.importing(.page("a"), .page("a", in: "docs"))
            try await bench.session("folder").commit(.page("a"))
            for tenant in others {
                #expect(
                    try await bench.session(tenant: tenant).commit(.page("a")).total
                        == counts(new: 1))
            }
            var query = DocumentQuery(tenant: .default)
            #expect(try await bench.store.documents(query).items.count == 3)
            query.tenant = others[0]
            let items = try await bench.store.documents(query).items
            #expect(items.map(\.tenant) == [others[0]])
            let id = try #require(items.first?.id)
            #expect(try await bench.store.document(id, tenant: .default) == nil)
        }

        @Test("known() tells stored revisions and sees its own run's batches", arguments: engines)
        func known(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            let session = try await bench.session()
            #expect(try !session.known(page("a"), revision: "1"))
            try session.commit(.page("a", revision: "1"), .page("b"))
            #expect(try session.known(page("a"), revision: "1"))
            #expect(try !session.known(page("a"), revision: "2"))
            #expect(try !session.known(page("b"), revision: ""))
            #expect(try session.commit()["pages"] == counts(new: 2))

            let next = try await bench.session()
            #expect(try next.known(page("a"), revision: "1"))
            #expect(
                try next.commit(.remove(page("b")))["pages"] == counts(unchanged: 1, deleted: 1))
            try next.commit(.remove(page("a")))
            #expect(try !next.known(page("a"), revision: "1"))
        }
    }
}

/// Compares byte for byte, as `==` of strings does not.
func expectEqual(
    _ left: DocumentDraft, _ right: DocumentDraft, sourceLocation: SourceLocation = #_sourceLocation
) {
    func bytes(_ draft: DocumentDraft) -> [[UInt8]?] {
        let texts: [String?] = [
            draft.key.collection, draft.key.externalID, draft.title, draft.content,
            draft.contentType, draft.url, draft.revision, draft.scope, draft.parent?.collection,
            draft.parent?.externalID, draft.position.map { "\($0)" }, draft.createdAt,
            draft.updatedAt, draft.authors, draft.metadata, draft.contentHash,
        ]
        return (texts + draft.path).map { $0.map { Array($0.utf8) } }
    }
    #expect(bytes(left) == bytes(right), sourceLocation: sourceLocation)
}
