import Foundation
import PluginABI
import PluginKit
import PluginKitCodable
import Synchronization
import Testing

@Suite struct CodableTests {
    struct Issue: Codable {
        var title: String
        var content: String
        var updatedAt: Date
        var url: String?
        var labels: [String]
    }

    struct Emitting: Plugin {
        static let manifest: StaticString = #"{"id":"test"}"#

        func `import`(_ call: ImportCall) async throws {
            let issue = Issue(
                title: "A \"title\"", content: "a/b", updatedAt: Date(timeIntervalSince1970: 0), labels: ["x"])
            try call.upsert(issue, collection: "issues", id: "1")
            #expect(try call.checkpoint(as: [String: Int].self) == nil)
            try call.offerCheckpoint(["page": 3])
        }
    }

    @Test func `a document may be a type of the plugin's own`() async throws {
        let host = FakeHost()
        #expect(await host.run(Emitting.self) == INTEGRATION_OK)
        #expect(host.lines == ["upsert issues/1", #"checkpoint 10"#])
        let json = try #require(host.record.withLock { $0.json.first })
        #expect(
            String(decoding: json, as: UTF8.self)
                == #"{"content":"a/b","labels":["x"],"title":"A \"title\"","updatedAt":"1970-01-01T00:00:00Z"}"#)
    }

    @Test func `a checkpoint comes back as the type that was offered, or ends the import by name`() throws {
        var options = ImportCall.Options()
        options.checkpoint = Array(#"{"page":3}"#.utf8)
        let good = ImportCall(options: options, host: Nobody())
        #expect(try good.checkpoint(as: [String: Int].self) == ["page": 3])
        options.checkpoint = Array("page 3".utf8)
        let bad = ImportCall(options: options, host: Nobody())
        #expect {
            try bad.checkpoint(as: [String: Int].self)
        } throws: { error in
            (error as? PluginError)?.status == .checkpointInvalid
        }
    }
}

/// A host that nothing is said to.
private struct Nobody: HostServices {
    var isCancelled: Bool { false }
    func log(_ level: LogLevel, _ message: String, fields: [String: String]) {}
    func progress(step: String, message: String?, count: Int64?, total: Int64?) {}
    func upsert(collection: String, id: String, json: [UInt8]) throws {}
    func remove(collection: String, id: String) throws {}
    func known(collection: String, id: String, revision: String) throws -> Bool { false }
    func complete(collection: String, scope: String?) throws {}
    func report(_ kind: ReportKind, collection: String?, id: String?, code: String, message: String) {}
    func waiting(until: Timestamp?, reason: String) {}
    func offerCheckpoint(_ bytes: [UInt8]) throws {}
    func secret(_ name: String) -> String? { nil }
}
