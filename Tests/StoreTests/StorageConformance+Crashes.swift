import Core
import Testing

extension StorageConformance {
    @Suite("Crashes of plugins") struct Crashes {
        @Test("a record comes back field for field, one an integration", arguments: engines)
        func roundTrip(_ engine: StorageEngine) throws {
            let bench = try Workbench(engine)
            let store = bench.store
            #expect(try store.crashRecords().isEmpty)
            var record = CrashRecord(integration: "clickup", sha256: "abc")
            record.crashed("SIGSEGV\0 at once", at: Timestamp(milliseconds: 5))
            try store.save(record)
            #expect(try store.crashRecords() == [record])
            for _ in 0..<3 { record.crashed("again", at: Timestamp(milliseconds: 7)) }
            try store.save(record)
            let other = CrashRecord(integration: "folder", sha256: "def")
            try store.save(other)
            #expect(try store.crashRecords() == [record, other])
            #expect(record.quarantine != nil)
        }

        @Test("a record is forgotten once", arguments: engines)
        func removal(_ engine: StorageEngine) throws {
            let bench = try Workbench(engine)
            let store = bench.store
            try store.save(CrashRecord(integration: "clickup", sha256: "abc"))
            #expect(try store.removeCrashRecord(of: "clickup"))
            #expect(try !store.removeCrashRecord(of: "clickup"))
            #expect(try store.crashRecords().isEmpty)
        }
    }
}
