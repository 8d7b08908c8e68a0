import Foundation
import Testing

@Suite("Runs and their logs", .realPrograms, .timeLimit(.minutes(30)))
struct RunHistoryTests {
    private static func imported(_ daemon: DaemonProcess, _ name: String) async throws -> [SSEParser.Event] {
        try await daemon.http.events(ofImport: name)
    }

    // MARK: The list

    @Test func `runs come newest first, page by page, and by integration and status`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello"), .fixture("crash")))
        var ids: [String] = []
        for name in ["hello", "crash", "hello", "hello"] {
            ids.append(try #require(try await Self.imported(daemon, name).first?.json["runId"]?.string))
        }
        #expect(try await daemon.runs().compactMap { $0["id"]?.string } == Array(ids.reversed()))
        let first = try await daemon.http.get("/runs?limit=3").json
        #expect(first["items"]?.items.compactMap { $0["id"]?.string } == Array(ids.reversed().prefix(3)))
        let next = try #require(first["next"]?.string)
        let second = try await daemon.http.get("/runs?limit=3&after=\(next)").json
        #expect(second["items"]?.items.map { $0["id"]?.string } == [ids[0]] && second["next"] == .null)
        #expect(try await daemon.runs("?integration=crash").map { $0["id"]?.string } == [ids[1]])
        #expect(try await daemon.runs("?status=failed").map { $0["id"]?.string } == [ids[1]])
        #expect(try await daemon.runs("?status=failed,succeeded").count == 4)
        #expect(try await daemon.runs("?integration=nothing").isEmpty)
        for query in ["status=odd", "limit=0", "limit=1001", "limit=x"] {
            #expect(try await daemon.http.get("/runs?\(query)").status == 400, "\(query)")
        }
    }

    @Test func `a long poll answers when something happens, and at once when the run has ended`() async throws {
        let folder = try TemporaryFolder()
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("gated", settings: ["gate: \(folder.path("gate"))"])), in: folder)
        let stream = try await daemon.http.sync("gated")
        let reached = try #require(try await stream.until(step: "before_the_gate").last)
        let run = try #require(try reached.json["runId"]?.string)
        // No time to wait: as it is.
        #expect(try await daemon.http.get("/runs/\(run)?wait=0s").json["lastEventId"]?.string == reached.lastEventID)
        async let changed = daemon.http.get("/runs/\(run)?wait=50s")
        try folder.write("", to: "gate")
        #expect(try await changed.json["lastEventId"]?.string != reached.lastEventID)
        _ = try await stream.rest()
        #expect(try await daemon.http.get("/runs/\(run)?wait=50s").json["status"] == "succeeded")
        #expect(try await daemon.http.get("/runs/\(run)?wait=soon").status == 400)
    }

    // MARK: Events

    @Test func `the events of a run come as a stream, as lines and as pages, and are the same`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("troubled", settings: ["fails: 3"])))
        let seen = try await Self.imported(daemon, "troubled")
        let run = try #require(try seen.first?.json["runId"]?.string)
        let path = "/runs/\(run)/events"

        let stream = try await daemon.http.with("Accept: text/event-stream").stream(path).rest()
        #expect(stream.first == seen.first && stream.last == seen.last)
        #expect(stream.count { $0.step == "document_failed" } == 3)

        let lines = try await daemon.http.with("Accept: application/x-ndjson").get(path)
        #expect(lines.head["content-type"] == "application/x-ndjson")
        #expect(lines.text.split(separator: "\n").map(String.init) == stream.map(\.data))

        var pages: [JSON] = []
        var after = ""
        repeat {
            let page = try await daemon.http.get("\(path)?limit=2\(after)").json
            pages += try #require(page["items"]?.items)
            after = page["next"]?.string.map { "&after=\($0)" } ?? ""
        } while after != ""
        #expect(pages == (try stream.map { try $0.json }))
        let end = try #require(pages.last?["seq"]?.integer)
        let past = try await daemon.http.get("\(path)?after=\(end)")
        #expect(try past.status == 200 && past.json["items"]?.items.isEmpty == true)
        #expect(try await daemon.http.with("Accept: image/png").get(path).status == 406)
    }

    @Test func `a reader of a run begins at its first event, behind one, or with what is new`() async throws {
        let folder = try TemporaryFolder()
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("gated", settings: ["gate: \(folder.path("gate"))"])), in: folder)
        let stream = try await daemon.http.sync("gated")
        let before = try await stream.until(step: "before_the_gate")
        let run = try #require(try before.first?.json["runId"]?.string)
        func reader(_ cursor: String?) async throws -> EventStream {
            let http = daemon.http.with("Accept: text/event-stream")
            return try await (cursor.map { http.with("Last-Event-ID: \($0)") } ?? http).stream("/runs/\(run)/events")
        }
        let readers = [
            try await reader(nil), try await reader("earliest"), try await reader(before[0].lastEventID),
            try await reader("latest"),
        ]
        try folder.write("", to: "gate")
        let rest = try await stream.rest()
        for (reader, expected) in zip(readers, [before + rest, before + rest, before.dropFirst() + rest, rest]) {
            #expect(try await reader.rest() == expected)
        }
        for cursor in ["latest", rest.last?.lastEventID ?? ""] {
            let answer = try await daemon.http.with("Accept: text/event-stream", "Last-Event-ID: \(cursor)")
                .get("/runs/\(run)/events")
            #expect(answer.status == 204 && answer.body.isEmpty)
        }
        let foreign = try await daemon.http.with(
            "Accept: text/event-stream", "Last-Event-ID: 01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10.1"
        ).get("/runs/\(run)/events")
        #expect(foreign.status == 400 && foreign.code == "bad-cursor")
    }

    // MARK: What went wrong, and what was said

    @Test func `failed documents come in pages, with collection, id, code and message`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("troubled", settings: ["fails: 5"])))
        let end = try #require(try await Self.imported(daemon, "troubled").last)
        #expect(try end.json["status"] == "completed_with_errors" && end.json["success"] == true)
        let run = try #require(try end.json["runId"]?.string)
        let first = try await daemon.http.get("/runs/\(run)/errors?limit=3").json
        #expect(first["items"]?.items.count == 3)
        let second = try await daemon.http.get("/runs/\(run)/errors?limit=3&after=\(first["next"]?.string ?? "")").json
        #expect(second["items"]?.items.count == 2 && second["next"] == .null)
        #expect(
            first["items"]?[0] == [
                "kind": "failed", "collection": "items", "id": "bad-1", "code": "too-strange",
                "message": "It cannot be read.",
            ])
    }

    @Test func `what a plugin prints and logs is in the run's log`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("stdout_noise")))
        let run = try #require(try await Self.imported(daemon, "stdout-noise").last?.json["runId"]?.string)
        let lines = try #require(try await daemon.http.get("/runs/\(run)/log?limit=1000").json["items"]?.items)
        #expect(lines.contains { $0["source"] == "stdout" })
        #expect(lines.allSatisfy { $0["time"]?.string != nil && $0["level"]?.string != nil })
    }

    @Test func `a line of a plugin that says nothing more is in the log while its run goes on`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(runs: ["cancel_grace: 100ms"], .fixture("hang", settings: ["documents: 0"])))
        let run = try #require(try await daemon.http.post("/integrations/hang/sync").json["id"]?.string)
        try await eventually("the line is there") {
            let lines = try await daemon.http.get("/runs/\(run)/log").json["items"]?.items ?? []
            return lines.contains { $0["message"] == "Nothing more to say." }
        }
        #expect(try await daemon.http.get("/runs/\(run)").json["status"] == "running")
        _ = try await daemon.http.post("/runs/\(run)/cancel")
    }
}
