import Glibc
import PluginABI
import PluginKit
import PluginKitCodable
import Synchronization
import Testing

@Suite struct HostBridgeTests {
    struct Everything: Plugin {
        static let manifest: StaticString = #"{"id":"test"}"#

        func `import`(_ call: ImportCall) async throws {
            call.progress("one", "Message", count: 1, total: 2)
            call.progress("two")
            call.log(.info, "line", ["b": "2", "a": "\"1\""])
            try call.upsert(Document(collection: "c", id: "1"))
            #expect(try call.known(collection: "c", id: "1", revision: "same"))
            #expect(try !call.known(collection: "c", id: "1", revision: "other"))
            try call.complete(collection: "c", scope: "s")
            try call.complete(collection: "c")
            try call.remove(collection: "c", id: "1")
            call.report(.note, code: "n", message: "m")
            call.waiting(until: Timestamp(milliseconds: 7), reason: "r")
            call.waiting(until: nil)
            try call.offerCheckpoint([])
            #expect(call.runID == "run-1" && call.isFullRefresh && call.checkpoint == nil)
            #expect(
                call.collections == ["run-1"] && call.options.deadline == Timestamp(milliseconds: 5)
            )
            #expect(call.wants("run-1") && !call.wants("other"))
            #expect(try call.settings([String: Int].self) == ["a": 1])
            #expect(call.secret("long")?.utf8.count == 1_000 && call.secret("none") == nil)
            #expect(call.withExtension("test/1", as: UInt32.self) { $1.pointee } == 4)
            #expect(call.withExtension("none/1", as: UInt32.self) { $1.pointee } == nil)
        }
    }

    @Test func `all that a plugin can say reaches the host, in order`() async {
        let host = FakeHost()
        host.record.withLock { $0.secrets["long"] = String(repeating: "x", count: 1_000) }
        #expect(await host.run(Everything.self, settings: #"{"a":1}"#) == INTEGRATION_OK)
        #expect(
            host.lines == [
                "progress one Message 1/2", "progress two - -1/-1",
                #"log 2 line {"a":"\"1\"","b":"2"}"#,
                "upsert c/1", "known c/1 same", "known c/1 other", "complete c s", "complete c -",
                "remove c/1",
                "report 3 - - n m", "waiting 7 r", "waiting 0 ", "checkpoint 0",
            ])
        #expect(host.record.withLock { $0.json } == [Array("{}".utf8)])
    }

    struct Throwing: Plugin {
        static let manifest: StaticString = "{}"
        func `import`(_ call: ImportCall) async throws {
            throw PluginError(
                .rateLimited, code: "later", message: "Not now", details: ["a": 1],
                retryAfter: .seconds(3))
        }
    }

    struct Bug: Error {}
    struct Faulty: Plugin {
        static let manifest: StaticString = "{}"
        func `import`(_ call: ImportCall) async throws { throw Bug() }
    }

    @Test func `an error becomes its status and is explained`() async {
        let host = FakeHost()
        #expect(await host.run(Throwing.self) == INTEGRATION_RATE_LIMITED)
        #expect(host.lines == [#"fail later Not now {"a":1} 3000"#])
    }

    @Test func `an error of another type is a bug of the plugin`() async {
        let host = FakeHost()
        #expect(await host.run(Faulty.self) == INTEGRATION_INTERNAL)
        #expect(host.lines == ["fail internal The plugin failed: Bug() - 0"])
    }

    struct Upserting: Plugin {
        static let manifest: StaticString = "{}"
        func `import`(_ call: ImportCall) async throws {
            try call.upsert(collection: "c", id: "1", json: Array("{}".utf8))
        }
    }

    @Test(
        arguments: [
            (INTEGRATION_REJECTED, INTEGRATION_INTERNAL),
            (INTEGRATION_TOO_LARGE, INTEGRATION_INTERNAL),
            (INTEGRATION_TRANSIENT, INTEGRATION_TRANSIENT), (99, INTEGRATION_INTERNAL),
            (INTEGRATION_CANCELLED, INTEGRATION_CANCELLED),
        ] as [(Int32, Int32)])
    func `what upsert answers reaches the plugin as an error`(answer: Int32, status: Int32) async {
        let host = FakeHost()
        host.record.withLock { $0.upsertStatus = answer }
        #expect(await host.run(Upserting.self) == status)
    }

    /// Waits for its own cancellation and for nothing else.
    struct Patient: Plugin {
        static let manifest: StaticString = "{}"
        func `import`(_ call: ImportCall) async throws {
            call.progress("waiting_for_cancel")
            try await Task.sleep(for: .seconds(3_600))
        }
    }

    @Test func `a readable descriptor cancels the task`() async {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let host = FakeHost()
        host.record.withLock { [ends] in $0.cancelDescriptor = ends[0] }
        async let status = host.run(Patient.self)
        host.record.withLock { $0.isCancelled = true }
        var byte: UInt8 = 1
        #expect(write(ends[1], &byte, 1) == 1)
        #expect(await status == INTEGRATION_CANCELLED)
        close(ends[0])
        close(ends[1])
    }

    @Test func `without a descriptor the flag cancels the task`() async {
        let host = FakeHost()
        async let status = host.run(Patient.self)
        host.record.withLock { $0.isCancelled = true }
        #expect(await status == INTEGRATION_CANCELLED)
    }

    @Test func `progress that is answered with stop cancels the task`() async {
        let host = FakeHost()
        host.record.withLock { $0.isCancelled = true }
        #expect(await host.run(Patient.self) == INTEGRATION_CANCELLED)
    }

    struct SelfCancelling: Plugin {
        static let manifest: StaticString = "{}"
        func `import`(_ call: ImportCall) async throws { throw CancellationError() }
    }

    @Test func `a cancellation that nobody asked for is a bug`() async {
        #expect(await FakeHost().run(SelfCancelling.self) == INTEGRATION_INTERNAL)
    }

    /// Keeps its call beyond the import's end.
    struct Leaking: Plugin {
        static let manifest: StaticString = "{}"
        static let kept = Mutex<ImportCall?>(nil)
        func `import`(_ call: ImportCall) async throws { Self.kept.withLock { $0 = call } }
    }

    @Test func `after the entry has returned nothing reaches the host`() async throws {
        let host = FakeHost()
        #expect(await host.run(Leaking.self) == INTEGRATION_OK)
        let call = try #require(Leaking.kept.withLock { $0 })
        call.progress("late")
        call.log(.info, "late")
        #expect(throws: CancellationError.self) {
            try call.upsert(Document(collection: "c", id: "1"))
        }
        #expect(call.isCancelled && call.secret("long") == nil && host.lines.isEmpty)
    }

    @Test func `a host older than the first contract is refused`() async {
        let host = FakeHost()
        #expect(await host.run(Everything.self, hostSize: 64) == INTEGRATION_UNSUPPORTED)
        #expect(host.lines.isEmpty)
    }

    @Test func `a manifest is a C string`() {
        #expect(String(cString: manifest(of: Everything.self)) == #"{"id":"test"}"#)
    }
}
