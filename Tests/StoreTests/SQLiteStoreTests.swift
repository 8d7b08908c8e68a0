import Core
import FoundationEssentials
import Glibc
import Store
import Testing

@Suite("The SQLite file") struct SQLiteStoreTests {
    let folder = TemporaryFolder()
    var path: String { folder.path + "/deep/store.db" }

    /// The sentence of the error that `body` throws.
    private func sentence(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    private func permissions(_ path: String) throws -> UInt32 {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    @Test("the folder is made 0700, the files 0600")
    func modes() throws {
        let store = try SQLiteStore.open(path: path)
        #expect(try permissions(folder.path) == 0o700)
        #expect(try permissions(folder.path + "/deep") == 0o700)
        for suffix in ["", "-wal", "-shm", ".lock"] {
            #expect(try permissions(path + suffix) == 0o600, "\(suffix)")
        }
        try store.close()
    }

    @Test("what was stored is there when the file is opened again")
    func reopens() async throws {
        let first = try SQLiteStore.open(path: path)
        let run = Run(
            id: RunID(), integration: "clickup", tenant: .default, createdAt: .now,
            requestedBy: "test")
        try await first.insert(run)
        try first.beginImport(run).commit(.page("a"), .checkpoint([7]))
        try first.close()

        let second = try SQLiteStore.open(path: path)
        #expect(try second.unfinishedRuns().map(\.id) == [run.id])
        #expect(try second.checkpoint(of: "clickup", tenant: .default) == [7])
        let result = try second.beginImport(run).commit(.page("a"), .page("b"))
        // It is the same run, and what it has seen is remembered.
        #expect(result["pages"] == counts(new: 2))
        var query = DocumentQuery(tenant: .default)
        query.changedAfter = 1
        #expect(try await second.documents(query).items.map(\.change) == [2])
        try second.close()
    }

    @Test("a batch of unchanged documents does not touch the disk")
    func writesNothing() async throws {
        let store = try SQLiteStore.open(path: path)
        let run = Run(
            id: RunID(), integration: "clickup", tenant: .default, createdAt: .now,
            requestedBy: "test")
        try await store.insert(run)
        let pages = (0..<50).map { ImportOperation.page("\($0)") }
        try store.beginImport(run).commit(pages)
        let next = Run(
            id: RunID(), integration: "clickup", tenant: .default, createdAt: .now,
            requestedBy: "test")
        try await store.insert(next)
        let session = try store.beginImport(next)
        let before = try Data(contentsOf: URL(filePath: path + "-wal"))
        #expect(!before.isEmpty)
        try session.commit(pages + [.complete(collection: "pages", scope: nil)])
        #expect(try Data(contentsOf: URL(filePath: path + "-wal")) == before)
        #expect(try session.commit()["pages"] == counts(unchanged: 50))
        try store.close()
    }

    @Test("a second store on the same file is told which process has it")
    func lock() throws {
        let store = try SQLiteStore.open(path: path)
        let link = folder.path + "/link.db"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        for name in [path, link] {
            let error = #expect(throws: StorageError.self) { try SQLiteStore.open(path: name) }
            guard case .locked(let message)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(message.hasPrefix("\(path) is in use by process \(getpid()) ("))
            #expect(message.hasSuffix("); stop it, or ask it over HTTP instead"))
        }
        try store.close()
        try SQLiteStore.open(path: path).close()
    }

    @Test("a store that nobody holds any more is free")
    func lockEndsWithTheStore() throws {
        do { _ = try SQLiteStore.open(path: path) }
        try SQLiteStore.open(path: path).close()
    }

    @Test("a lock file that another process left does not matter")
    func staleLock() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/deep", withIntermediateDirectories: true)
        try Data("1\n".utf8).write(to: URL(filePath: path + ".lock"))
        try SQLiteStore.open(path: path).close()
    }

    @Test("a file of a newer version is refused and left alone")
    func newerSchema() throws {
        let newer = Migration.all + [Migration(name: "999", sql: "CREATE TABLE later (x) ")]
        try SQLiteStore.open(path: path, migrations: newer, now: { .now }).close()
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(
            sentence { _ = try SQLiteStore.open(path: path) }
                == "\(path) was written by a newer integrationd; use that version, or set "
                + "store.sqlite to another file")
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test("an older file is brought up to date with its documents")
    func migrates() throws {
        try SQLiteStore.open(path: path).close()
        let newer = Migration.all + [Migration(name: "2", sql: "CREATE TABLE later (x)")]
        for _ in 0..<2 {
            try SQLiteStore.open(path: path, migrations: newer, now: { .now }).close()
        }
    }

    @Test(
        "a file that is no database is refused and left alone",
        arguments: ["x", "SQLite format 3\0", String(repeating: "integrations:\n", count: 999)])
    func notADatabase(_ text: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/deep", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(
            sentence { _ = try SQLiteStore.open(path: path) }
                == "\(path) is not an SQLite database; move it away, or set store.sqlite to another "
                + "file")
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(text.utf8))
    }

    @Test(
        "a database of another program is refused",
        arguments: [
            "PRAGMA application_id = 1; CREATE TABLE theirs (x)",
            "PRAGMA application_id = 0; CREATE TABLE theirs (x)",
        ])
    func foreign(_ sql: String) throws {
        let theirs = [Migration(name: "theirs", sql: sql)]
        try SQLiteStore.open(path: path, migrations: theirs, now: { .now }).close()
        #expect(
            sentence { _ = try SQLiteStore.open(path: path) }
                == "\(path) is a database of another program; set store.sqlite to a file of "
                + "integrationd's own")
    }

    @Test("a place that cannot be written is named with the reason")
    func unwritable() {
        let message = sentence { _ = try SQLiteStore.open(path: "/dev/null/sub/store.db") }
        #expect(
            message
                == "cannot create the folder /dev/null/sub for the store: Not a directory; create "
                + "it, or set store.sqlite to a place that this user may write to")
        let folder = sentence { _ = try SQLiteStore.open(path: "/proc/self") }
        #expect(folder.hasPrefix("cannot open the store /proc/self: Is a directory; "))
        let sealed = sentence { _ = try SQLiteStore.open(path: "/proc/integrationd.db") }
        #expect(sealed.hasPrefix("cannot open the store /proc/integrationd.db: "))
    }

    @Test("a damaged file is an error that says what to do")
    func damaged() async throws {
        let store = try SQLiteStore.open(path: path)
        let run = Run(
            id: RunID(), integration: "clickup", tenant: .default, createdAt: .now,
            requestedBy: "test")
        try await store.insert(run)
        try store.beginImport(run).commit((0..<500).map { .page("\($0)", "text \($0)") })
        try store.close()
        var bytes = try Data(contentsOf: URL(filePath: path))
        for index in 8192..<bytes.count { bytes[index] = 0xA5 }
        try bytes.write(to: URL(filePath: path))

        let message = await asyncSentence {
            let store = try SQLiteStore.open(path: path)
            var query = DocumentQuery(tenant: .default)
            query.limit = 1_000
            _ = try await store.documents(query)
        }
        #expect(message.contains("\(path): the file is damaged ("))
        #expect(message.hasSuffix("); put back a copy, or move it away and import again"))
    }

    @Test("a closed store says so")
    func closed() async throws {
        let store = try SQLiteStore.open(path: path)
        try store.close()
        #expect(
            sentence { _ = try store.unfinishedRuns() }
                == "cannot find runs without an end in \(path): the store is closed")
        #expect(
            await asyncSentence { _ = try await store.documents(DocumentQuery(tenant: .default)) }
                == "cannot list documents in \(path): the store is closed")
        try store.close()
    }

    private func asyncSentence(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test("old runs go with their events and reports; documents and younger runs stay")
    func retention() async throws {
        let store = try SQLiteStore.open(path: path)
        let time = Timestamp(milliseconds: 1_800_000_000_000)
        var ids: [RunID] = []
        for index in 0..<30 {
            var run = Run(
                id: RunID(), integration: "clickup", tenant: .default, createdAt: time,
                requestedBy: "test")
            try await store.insert(run)
            try store.beginImport(run).commit(.page("\(index)"), .failure("\(index)"))
            // The last two: too young, and not ended.
            if index < 29 { run.status = .succeeded }
            if index < 29 { run.endedAt = index == 28 ? time : time + .milliseconds(-1) }
            let event = RunEvent(
                sequence: 1, kind: .progress, step: "", isReliable: true, body: "{}")
            try store.update(run, appending: [event])
            ids.append(run.id)
        }
        #expect(try store.removeRuns(endedBefore: time) == 28)
        #expect(try store.removeRuns(endedBefore: time) == 0)
        #expect(
            Set(try await store.runs(RunQuery(tenant: .default)).items.map(\.id)) == Set(ids[28...])
        )
        #expect(try await store.events(of: ids[0], after: 0, limit: 9).isEmpty)
        #expect(try await store.reports(of: ids[0], after: 0, limit: 9).items.isEmpty)
        #expect(try await store.events(of: ids[28], after: 0, limit: 9).count == 1)
        #expect(try await store.documents(DocumentQuery(tenant: .default)).items.count == 30)
        try store.close()
    }
}
