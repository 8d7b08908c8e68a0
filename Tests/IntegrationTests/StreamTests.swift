import Testing

@Suite("The stream of an import", .realPrograms, .timeLimit(.minutes(30)))
struct StreamTests {
    // MARK: Head and body, byte by byte

    @Test func `the head is what the contract says, and has no length, no entity tag, no Connection`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let stream = try await daemon.http.sync("hello")
        let head = try #require(stream.head)
        #expect(head.lines.first == "HTTP/1.1 200 OK")
        #expect(head.lines.contains("Content-Type: text/event-stream"))
        #expect(head.lines.contains("Cache-Control: no-cache, no-store, no-transform"))
        #expect(head.lines.contains("X-Accel-Buffering: no"))
        let names = Set(head.headers.map(\.name))
        #expect(names == ["content-type", "cache-control", "x-accel-buffering", "date", "server", "transfer-encoding"])
        _ = try await stream.rest()
    }

    @Test func `nothing is compressed, whatever the client takes`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let stream = try await daemon.http.with("Accept-Encoding: gzip, br, deflate").sync("hello")
        #expect(stream.head?["content-encoding"] == nil)
        #expect(try await stream.rest().last?.type == "complete")
    }

    @Test func `the first block is exactly this`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("hello", ["display_name: Hello World"])))
        let stream = try await daemon.http.sync("hello")
        let first = try #require(try await stream.next())
        let run = try #require(try first.json["runId"]?.string)
        _ = try await stream.rest()
        let expected = """
            retry: 2000
            id: \(run).1
            event: progress
            data: {"step":"starting","message":"Starting Hello World import...","type":"progress","runId":"\(run)","seq":1}


            """
        #expect(stream.text.hasPrefix(expected))
        #expect(stream.parser.retry == 2000)
        #expect(stream.text.ranges(of: "retry:").count == 1)
    }

    @Test func `head and first event leave before the import has done its work`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("gated", name: "slow")))
        let stream = try await daemon.http.sync("slow")
        #expect(try await stream.next()?.step == "starting")
        #expect(try await stream.until(step: "before_the_gate").last?.type == "progress")
        #expect(try await daemon.runs().first?["status"] == "running")
    }

    @Test func `step, message and count come first, and type, run and number last`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let event = try #require(try await daemon.http.events(ofImport: "hello").dropFirst().first)
        let run = try #require(try event.json["runId"]?.string)
        #expect(event.data.hasPrefix(#"{"step":"greeting","message":"Saying hello","count":0,"total":3,"percent":0"#))
        #expect(event.data.hasSuffix(#","type":"progress","runId":"\#(run)","seq":2}"#))
    }

    @Test func `every block has the run and a number that grows as its id`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("counts", settings: ["documents: 50", "progress: 40"])))
        let stream = try await daemon.http.sync("counts")
        let events = try await stream.rest()
        let run = try #require(try events.first?.json["runId"]?.string)
        #expect(run.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        let numbers = try events.map { event in
            try #require(event.lastEventID.wholeMatch(of: /(.*)\.([0-9]+)/).flatMap { $0.1 == run ? Int($0.2) : nil })
        }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        #expect(numbers.first == 1)
        #expect(try events.map { try $0.json["seq"]?.integer } == numbers)
        #expect(stream.blocks.count == events.count)
        for block in stream.blocks { #expect(block.filter { $0.hasPrefix("id: ") }.count == 1) }
    }

    @Test func `an event is id, event and data, in this order, with one blank line after it`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let stream = try await daemon.http.sync("hello")
        let count = try await stream.rest().count
        #expect(!stream.text.contains("\n\n\n"))
        #expect(stream.text.hasSuffix("}\n\n"))
        #expect(!stream.bytes.contains(13))
        #expect(stream.blocks.count == count)
        for block in stream.blocks {
            let names = block.map { $0.prefix { $0 != ":" } }.filter { $0 != "retry" }
            #expect(names == ["id", "event", "data"])
        }
    }

    // MARK: The end

    @Test func `the last event is complete, with the whole result`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let events = try await daemon.http.events(ofImport: "hello")
        #expect(events.filter(\.isTerminal).count == 1)
        let complete = try #require(events.last)
        #expect(complete.type == "complete")
        let body = try complete.json
        #expect(complete.data.hasPrefix(#"{"success":true,"result":{"totalImported":3,"totalFailed":0,"durationMs":"#))
        #expect(body["type"] == "complete")
        #expect(try body["runId"] == events[0].json["runId"])
        #expect(body["seq"]?.integer.map { complete.lastEventID.hasSuffix(".\($0)") } == true)
        let result = try #require(body["result"])
        #expect(result.keys == ["totalImported", "totalFailed", "durationMs", "breakdown", "report", "completedAt"])
        #expect(try #require(result["durationMs"]?.integer) >= 0)
        let items = try #require(result["breakdown"]?["items"])
        #expect(items["imported"] == 3 && items["failed"] == 0 && items["skipped"] == 0)
        let time = try #require(result["completedAt"]?.string)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil)
    }

    @Test func `the step complete comes just before the event complete`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let step = try #require(try await daemon.http.events(ofImport: "hello").dropLast().last)
        #expect(step.type == "progress")
        #expect(
            step.data.hasPrefix(#"{"step":"complete","message":"Import complete: 3 imported, 0 failed","count":3,"#))
    }

    @Test func `a failed import is a 200 with an event error, and never complete`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture("fails", settings: ["status: 3", "message: The token was revoked.", "documents: 2"])))
        let stream = try await daemon.http.sync("fails")
        #expect(stream.head?.status == 200)
        let events = try await stream.rest()
        #expect(events.map(\.type).filter { $0 != "progress" } == ["error"])
        let error = try #require(events.last)
        #expect(
            error.data.hasPrefix(#"{"error":"The token was revoked.","code":"upstream-unauthorized","retryable":false"#)
        )
        #expect(try error.json["type"] == "error")
        let step = try #require(events.dropLast().last)
        #expect(step.data.hasPrefix(#"{"step":"error","message":"Import failed: The token was revoked.""#))
        #expect(try await daemon.runs().first?["status"] == "failed")
    }

    @Test func `a failed document is progress with its id and code, and the import completes`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("known_user", settings: ["documents: 4", "failed: 2", "skipped: 3"])))
        let events = try await daemon.http.events(ofImport: "known-user")
        let failed = try #require(events.first { $0.step == "document_failed" }).json
        #expect(failed["collection"] == "items" && failed["documentId"] == "2" && failed["code"] == "unreadable")
        #expect(failed["message"] == "Could not be read.")
        let body = try #require(events.last).json
        #expect(body["success"] == true && body["status"] == "completed_with_errors")
        #expect(body["result"]?["totalImported"] == 2 && body["result"]?["totalFailed"] == 1)
        #expect(body["result"]?["breakdown"]?["items"]?["skipped"] == 1)
    }

    @Test func `documents can be read by whoever has just seen complete`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("counts", settings: ["documents: 700", "progress: 3"])))
        #expect(try await daemon.http.events(ofImport: "counts").last?.type == "complete")
        let page = try await daemon.http.get("/documents?integration=counts&limit=1000").json
        #expect(page["items"]?.items.count == 700)
    }

    @Test func `a plugin without progress gets the step importing from the host`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("plain", settings: ["documents: 25"])))
        let events = try await daemon.http.events(ofImport: "plain")
        let importing = events.filter { $0.step == "importing" }
        #expect(!importing.isEmpty)
        #expect(try importing.last?.json["count"] == 25)
        #expect(try events.last?.json["result"]?["totalImported"] == 25)
    }

    @Test func `a plugin with both imports is called with the progress callback`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("both")))
        _ = try await daemon.http.events(ofImport: "both")
        let page = try await daemon.http.get("/documents?integration=both&include=content").json
        #expect(page["items"]?[0]?["content"] == "The one with progress was called.")
    }

    @Test func `a plugin inside the daemon streams the same events as one in a process of its own`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture("hello", name: "outside"), .fixture("hello", name: "inside", ["isolation: in-process"])))
        let outside = try await daemon.http.events(ofImport: "outside")
        let inside = try await daemon.http.events(ofImport: "inside")
        #expect(inside.map(\.step) == outside.map(\.step) && inside.map(\.type) == outside.map(\.type))
        #expect(try inside.last?.json["result"]?["totalImported"] == 3)
        #expect(try await daemon.http.events(ofImport: "inside").last?.type == "complete")
    }

    // MARK: Framing

    @Test func `no text of a plugin breaks the framing`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hostile_texts")))
        let stream = try await daemon.http.sync("hostile-texts")
        let events = try await stream.rest()
        #expect(events.map(\.type) == Array(repeating: "progress", count: events.count - 1) + ["error"])
        let messages = try events.filter { $0.step == "texts" }.map { try $0.json["message"]?.string ?? "" }
        #expect(messages.count == 9)
        #expect(messages[0] == "line feed\n\nevent: complete\ndata: {}\n\n")
        #expect(messages[1] == "carriage return\r\rid: 1\r\r")
        #expect(messages[3] == "separators \u{2028} \u{2029} \u{85} \u{0B} \u{0C} end")
        #expect(messages[4].hasPrefix("invalid \u{FFFD}") && messages[4].hasSuffix(" end"))
        #expect(messages[5] == "quote \" backslash \\ slash / control \u{01}\u{1B}[31m end")
        #expect(messages[8] == "emoji 👩‍💻 end")
        let run = try #require(try events.first?.json["runId"]?.string)
        for event in events { #expect(event.lastEventID.hasPrefix(run + ".")) }
        for block in stream.blocks { #expect(block.filter { $0.hasPrefix("data: ") }.count == 1) }
        #expect(!stream.bytes.contains(0) && !stream.bytes.contains(13))
        #expect(String(validating: stream.bytes, as: UTF8.self) != nil)
    }

    @Test func `garbage from a plugin never breaks the framing`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("garbage", settings: ["kind: all"])))
        let stream = try await daemon.http.sync("garbage")
        let events = try await stream.rest()
        #expect(events.filter(\.isTerminal).map(\.type) == ["error"])
        #expect(stream.blocks.count == events.count)
        for event in events {
            _ = try event.json
            #expect(event.lastEventID.wholeMatch(of: /[A-Za-z0-9._-]{1,128}/) != nil)
        }
        #expect(String(validating: stream.bytes, as: UTF8.self) != nil)
    }

    @Test func `the heartbeat is a lone colon without a blank line`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(server: ["heartbeat: 50ms"], .fixture("gated", name: "silent")))
        let stream = try await daemon.http.sync("silent")
        try await stream.until(step: "before_the_gate")
        while stream.parser.comments.count < 3 { try await stream.read() }
        let afterLastEvent = try #require(stream.text.split(separator: "}\n\n", omittingEmptySubsequences: false).last)
        #expect(afterLastEvent.wholeMatch(of: /(:\n)+/) != nil)
        #expect(Set(stream.parser.comments) == [""])
    }

    @Test func `any chunking of a real stream parses alike`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hostile_texts")))
        let stream = try await daemon.http.sync("hostile-texts")
        let events = try await stream.rest()
        for size in [1, 2, 3, 7, 64, 1000] {
            var parser = SSEParser()
            var parsed: [SSEParser.Event] = []
            for start in stride(from: 0, to: stream.bytes.count, by: size) {
                parsed += parser.feed(stream.bytes[start..<min(start + size, stream.bytes.count)])
            }
            #expect(parsed == events)
        }
    }

    @Test func `every progress comes through that runs.progress_rate allows, and fewer where it allows fewer`()
        async throws
    {
        for (rate, expected) in [(100_000, 2000...2000), (10, 2...500)] {
            let daemon = try await DaemonProcess.start(
                DaemonConfiguration(
                    runs: ["progress_rate: \(rate)"], .fixture("counts", settings: ["documents: 0", "progress: 2000"])))
            let events = try await daemon.http.events(ofImport: "counts")
            #expect(expected.contains(events.count { $0.step == "counting" }))
        }
    }

    @Test func `first and last of each step arrive from a plugin that says too much`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("many_progress", settings: ["calls: 30000"])))
        let events = try await daemon.http.events(ofImport: "many-progress")
        for step in ["first", "second", "third"] {
            let messages = try events.filter { $0.step == step }.map { try $0.json["message"]?.string }
            #expect(messages.first == "Call 1")
            #expect(messages.last == "Last")
        }
        #expect(try events.last?.json["result"]?["totalImported"] == 10)
    }
}
