import Foundation
import Testing

@Suite("The JavaScript client and the daemon", .realPrograms, .timeLimit(.minutes(30)))
struct JavaScriptClientTests {
    @Test func `the daemon serves the module, and a browser need not fetch it twice`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let answer = try await daemon.http.get("/integrationd.js")
        #expect(answer.status == 200)
        #expect(answer.head["content-type"] == "text/javascript; charset=utf-8")
        let file = BuildProducts.checkout.appending(path: "Sources/Host/Dashboard/assets/integrationd.js")
        #expect(answer.body == Array(try Data(contentsOf: file)))
        let tag = try #require(answer.head["etag"])
        #expect(try await daemon.http.with("If-None-Match: \(tag)").get("/integrationd.js").status == 304)
    }

    @Test func `the served module watches an import to its end in Node`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let answer = try await daemon.http.get("/integrationd.js")
        try daemon.folder.write(answer.text, to: "integrationd.mjs")
        try daemon.folder.write(
            """
            import { startSync } from "./integrationd.mjs";
            const sync = startSync({ baseUrl: "http://127.0.0.1:\(daemon.port)", integration: "hello" });
            for await (const event of sync) console.log(event.type, event.step ?? event.result.totalImported);
            """, to: "watch.mjs")
        let node = try ChildProcess("/usr/bin/env", ["node", daemon.folder.path("watch.mjs")])
        #expect(try await node.exitStatus() == .exited(0))
        let lines = try await node.output.end().split(separator: "\n").map(String.init)
        #expect(lines.first == "progress starting")
        #expect(lines.dropLast().last == "progress complete")
        #expect(lines.last?.hasPrefix("complete ") == true)
    }

    @Test func `the types fit what people write, for a TypeScript compiler`() async throws {
        let file = BuildProducts.checkout.appending(path: "Tests/Browser/types.ts").path
        let compiler = try ChildProcess(
            "/usr/bin/env",
            [
                "tsc", "--noEmit", "--strict", "--target", "es2022", "--module", "es2022", "--lib",
                "es2022,dom,dom.iterable", file,
            ])
        let status = try await compiler.exitStatus()
        #expect(try await (status, compiler.output.end()) == (.exited(0), ""))
    }
}
