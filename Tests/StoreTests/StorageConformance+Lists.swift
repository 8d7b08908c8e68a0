import Core
import Testing

extension StorageConformance {
    @Suite("Lists of documents") struct Lists {
        private func collect(
            _ bench: Workbench, _ query: DocumentQuery
        ) async throws -> [[StoredDocument]] {
            var query = query
            var pages: [[StoredDocument]] = []
            repeat {
                let page = try await bench.store.documents(query)
                pages.append(page.items)
                query.after = page.next
            } while query.after != nil
            return pages
        }

        @Test("documents are listed by id in pages, without tombstones", arguments: engines)
        func byID(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.session().commit((0..<23).map { .page("\($0)") })
            try await bench.importing(.remove(page("7")), .remove(page("8")))
            var query = DocumentQuery(tenant: .default)
            query.limit = 7
            let pages = try await collect(bench, query)
            #expect(pages.map(\.count) == [7, 7, 7])
            let ids = pages.flatMap { $0 }.map(\.id)
            #expect(ids == ids.sorted())
            #expect(Set(ids).count == 21)
        }

        @Test("changedAfter lists by change, with tombstones, in pages", arguments: engines)
        func byChange(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.session().commit((0..<6).map { .page("\($0)") })
            try await bench.importing(.page("0", "new"), .remove(page("3")))
            var query = DocumentQuery(tenant: .default)
            query.changedAfter = 2
            query.limit = 2
            let pages = try await collect(bench, query)
            #expect(pages.map { $0.map(\.change) } == [[3, 5], [6, 7], [8]])
            #expect(pages.last?.first?.deletedAt != nil)
            query.changedAfter = 8
            #expect(try await collect(bench, query).flatMap { $0 }.isEmpty)
        }

        @Test("integration and collection narrow a list", arguments: engines)
        func filters(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a"), .page("b", in: "docs"))
            try await bench.session("folder").commit(.page("c"))
            for changedAfter in [nil, 0] as [Int64?] {
                var query = DocumentQuery(tenant: .default)
                query.changedAfter = changedAfter
                query.integration = "clickup"
                #expect(try await bench.store.documents(query).items.count == 2)
                query.collection = "docs"
                let items = try await bench.store.documents(query).items
                #expect(items.map(\.draft.key) == [doc("b")])
            }
        }

        @Test("lists leave contents out unless asked", arguments: engines)
        func contents(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.importing(.page("a", "long text"))
            var query = DocumentQuery(tenant: .default)
            #expect(try await bench.store.documents(query).items.map(\.draft.content) == [""])
            query.includesContent = true
            #expect(
                try await bench.store.documents(query).items.map(\.draft.content) == ["long text"])
        }

        @Test("an unknown document is nil; a deleted one is told as such", arguments: engines)
        func single(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            #expect(try await bench.store.document("x\0'", tenant: .default) == nil)
            try await bench.importing(.page("a"), .remove(page("a")))
            let id = try #require(try await bench.documents()[page("a")]?.id)
            let stored = try await bench.store.document(id, tenant: .default)
            #expect(stored?.deletedAt == bench.clock.now)
        }

        @Test("cursors from elsewhere are refused", arguments: engines)
        func cursors(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await bench.session().commit((0..<3).map { .page("\($0)") })
            for _ in 0..<2 { _ = try await bench.run() }
            var documents = DocumentQuery(tenant: .default)
            documents.limit = 1
            var runs = RunQuery(tenant: .default)
            runs.limit = 1
            let byID = try #require(try await bench.store.documents(documents).next)
            let ofRuns = try #require(try await bench.store.runs(runs).next)
            #expect(byID.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })

            for text in ["", "x", "?", "ZDo", byID + "A", byID + "=", " " + byID, ofRuns, "é"] {
                documents.after = text
                await #expect(throws: StorageError.self, "\(text)") {
                    try await bench.store.documents(documents)
                }
            }
            documents.after = byID
            documents.changedAfter = 0
            await #expect(throws: StorageError.self) { try await bench.store.documents(documents) }
            runs.after = byID
            await #expect(throws: StorageError.self) { try await bench.store.runs(runs) }
        }

        @Test("lists are read while an import writes", arguments: engines)
        func concurrent(_ engine: StorageEngine) async throws {
            let bench = try Workbench(engine)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for integration in ["one", "two"] {
                    group.addTask {
                        let session = try await bench.session(integration)
                        for batch in 0..<20 {
                            try session.commit((0..<10).map { .page("\(batch)-\($0)") })
                        }
                    }
                }
                group.addTask {
                    var query = DocumentQuery(tenant: .default)
                    query.changedAfter = 0
                    query.limit = 1_000
                    var count = 0
                    while count < 400 {
                        count = try await bench.store.documents(query).items.count
                        // Batches become visible whole.
                        #expect(count.isMultiple(of: 10))
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
