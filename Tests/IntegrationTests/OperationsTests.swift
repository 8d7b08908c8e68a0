import Foundation
import Testing

@Suite("Operating the daemon", .realPrograms, .timeLimit(.minutes(30)))
struct OperationsTests {
    @Test func `a client that takes nothing for 20 seconds is closed, and the others go on`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("chatty")))
        let reading = try await daemon.http.sync("chatty")
        let run = try #require(try await reading.next()?.json["runId"]?.string)
        let stalled = try RawHTTP(port: daemon.port, receiveBuffer: 4096)
        try await stalled.send(
            Array(
                ("GET /runs/\(run)/events HTTP/1.1\r\n"
                    + RawHTTP.lines(["Host: 127.0.0.1", "Accept: text/event-stream"])).utf8))
        try await eventually("the stalled client is closed", within: .seconds(90)) {
            try await reading.read()
            return try await Metrics(of: daemon)[#"integrationd_stream_disconnects_total{reason="stalled"}"#] == 1
        }
        #expect(try await Metrics(of: daemon)["integrationd_streams_open"] == 1)
        #expect(try await daemon.http.post("/runs/\(run)/cancel").status == 202)
        #expect(try await reading.rest().last?.data.contains(#""code":"cancelled""#) == true)
    }

    @Test func `clients that take all connections do not take all descriptors, and the others wait their turn`()
        async throws
    {
        let configuration = DaemonConfiguration(.fixture("plain"))
        for integration in configuration.integrations { try await FixturePlugins.compile(integration.fixture) }
        let daemon = try await DaemonProcess.start(yaml: configuration.yaml, limit: "-n 128")
        let first = try await RawHTTP.get("/healthz", port: daemon.port)
        _ = try await first.wholeBody()
        let idle = try (1...200).map { _ in try RawHTTP(port: daemon.port) }
        func open() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.process.id)/fd").count
        }
        try await eventually("connections are taken") { try open() >= 64 }
        let waiting = try RawHTTP(port: daemon.port)
        try await waiting.send(Array(("GET /healthz HTTP/1.1\r\n" + RawHTTP.lines(["Host: 127.0.0.1"])).utf8))
        // A run needs some descriptors, for its worker and the store.
        let start =
            "POST /integrations/plain/sync HTTP/1.1\r\n"
            + RawHTTP.lines(["Host: 127.0.0.1", "Content-Length: 0", "Prefer: wait=30"])
        try await first.send(Array(start.utf8))
        try await first.readHead()
        let run = String(decoding: try await first.wholeBody(), as: UTF8.self)
        #expect(run.contains(#""status":"succeeded""#), "\(run)")
        idle.forEach { $0.leave() }
        try await waiting.readHead()
        #expect(waiting.head?.status == 200)
        #expect(!daemon.log.contains("Too many open files"))
    }

    @Test func `SIGTERM with a thousand streams open ends every body and the daemon within its bound`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(runs: ["cancel_grace: 5s"], .fixture("waits")))
        let starter = try await daemon.http.sync("waits")
        let run = try #require(try await starter.until(step: "waiting_for_cancel").first?.json["runId"]?.string)
        let request = Array(
            ("GET /runs/\(run)/events HTTP/1.1\r\n"
                + RawHTTP.lines(["Host: 127.0.0.1", "Accept: text/event-stream"])).utf8)
        var readers: [RawHTTP] = []
        for _ in 1...1000 {
            let reader = try RawHTTP(port: daemon.port)
            try await reader.send(request)
            readers.append(reader)
        }
        try await eventually("all streams are open") {
            try await Metrics(of: daemon)["integrationd_streams_open"] == 1001
        }
        let (status, took) = try await daemon.terminate()
        // What plugins are given, and what is left for the last of the connections.
        #expect(status == .exited(0) && took < .seconds(5 + 6 + 5))
        for reader in readers {
            try await reader.readHead()
            let text = String(decoding: try await reader.wholeBody(), as: UTF8.self)
            #expect(text.contains("waiting_for_cancel") && !text.contains("event: error"))
        }
    }

    @Test func `the metrics count runs, events, streams, resumes, crashes and batches`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello"), .fixture("crash")))
        let events = try await daemon.http.events(ofImport: "hello")
        _ = try await daemon.http.events(ofImport: "crash")
        let last = try #require(events.last?.lastEventID)
        let first = try #require(events.first?.lastEventID)
        let stream = "/integrations/hello/sync/stream"
        #expect(try await daemon.http.with("Last-Event-ID: \(last)").get(stream).status == 204)
        #expect(try await daemon.http.with("Last-Event-ID: \(first)").get(stream).status == 200)
        #expect(try await daemon.http.with("Last-Event-ID: x").get(stream).status == 400)
        // A stream is counted when the daemon has seen its end.
        try await eventually("three streams have ended") {
            try await Metrics(of: daemon)[#"integrationd_stream_disconnects_total{reason="finished"}"#] == 3
        }
        let metrics = try await Metrics(of: daemon)
        #expect(metrics.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(metrics[#"integrationd_runs{status="running"}"#] == 0)
        #expect(metrics[#"integrationd_runs_ended_total{status="succeeded"}"#] == 1)
        #expect(metrics[#"integrationd_runs_ended_total{status="failed"}"#] == 1)
        #expect(metrics[#"integrationd_events_total{event="complete"}"#] == 1)
        #expect(metrics[#"integrationd_events_total{event="error"}"#] == 1)
        #expect(metrics[#"integrationd_stream_resumes_total{outcome="ended"}"#] == 1)
        #expect(metrics[#"integrationd_stream_resumes_total{outcome="stored"}"#] == 1)
        #expect(metrics[#"integrationd_stream_resumes_total{outcome="refused"}"#] == 1)
        #expect(metrics[#"integrationd_plugin_crashes_total{integration="crash"}"#] == 1)
        #expect(metrics[#"integrationd_plugin_crashes_total{integration="hello"}"#] == 0)
        #expect(try #require(metrics["integrationd_store_batch_seconds_count"]) > 0)
        #expect(metrics["integrationd_streams_open"] == 0)
    }

    @Test func `with server.tls a stream comes over HTTP/2, and over HTTP/1.1 for who asks for that`() async throws {
        let folder = try TemporaryFolder()
        let identity = try await TLSIdentity(in: folder)
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(server: [identity.yaml], .fixture("hello")), in: folder)
        for (option, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
            let curl = try ChildProcess(
                "/usr/bin/curl",
                [
                    "--silent", "--no-buffer", "--max-time", "30", option, "--cacert", identity.certificate,
                    "--write-out", "%{http_version} %{http_code}",
                    "https://127.0.0.1:\(daemon.port)/integrations/hello/sync/stream",
                ])
            #expect(try await curl.exitStatus() == .exited(0))
            let output = try await curl.output.end()
            #expect(output.hasPrefix("retry: 2000\nid: "))
            #expect(output.contains("event: complete\n"))
            #expect(output.hasSuffix("\n\n\(version) 200"))
        }
    }

    @Test(arguments: ["--http1.1", "--http2"])
    func `over TLS a client that falls behind costs what its connection holds, and no copy of the log`(
        version: String
    ) async throws {
        let folder = try TemporaryFolder()
        let identity = try await TLSIdentity(in: folder)
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                server: [identity.yaml], runs: ["progress_rate: 10000"],
                .fixture("chatty", settings: ["pause_us: 200"])), in: folder)
        func curl(_ path: String, _ more: String...) throws -> ChildProcess {
            try ChildProcess(
                "/usr/bin/curl",
                [
                    "--silent", "--no-buffer", version, "--cacert", identity.certificate,
                    "https://127.0.0.1:\(daemon.port)\(path)",
                ] + more)
        }
        let path = "/integrations/chatty/sync/stream"
        func resident() throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(daemon.process.id)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
            return try #require(Int(line.split(separator: " ")[1]))
        }
        let first = try curl(path, "--output", "/dev/null")
        try await eventually("the log is full") {
            let answer = try curl("/runs")
            _ = try await answer.exitStatus()
            let runs = try JSON(await answer.output.end())
            return runs["items"]?.items.first?["progress"]?["count"]?.integer ?? 0 > 5_000
        }
        let before = try resident()
        let slow = try (0..<20).map { _ in try curl(path, "--limit-rate", "1k") }
        for client in slow { _ = try await client.output.line { $0.hasPrefix("id: ") } }
        #expect(try resident() < before + 20 * 1024, "KiB")
        for client in slow + [first] { client.send(SIGKILL) }
    }

    @Test func `HEAD over HTTP/2 is answered like any other request`() async throws {
        let folder = try TemporaryFolder()
        let identity = try await TLSIdentity(in: folder)
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(server: [identity.yaml], .fixture("hello")), in: folder)
        let curl = try ChildProcess(
            "/usr/bin/curl",
            [
                "--silent", "--head", "--http2", "--cacert", identity.certificate,
                "https://127.0.0.1:\(daemon.port)/healthz", "https://127.0.0.1:\(daemon.port)/nothing",
            ])
        #expect(try await curl.exitStatus() == .exited(0))
        let output = try await curl.output.end()
        #expect(output.contains("HTTP/2 405") && output.contains("HTTP/2 404"))
    }

    @Test func `a stream of HTTP/2 goes on while it is silent`() async throws {
        let folder = try TemporaryFolder()
        let identity = try await TLSIdentity(in: folder)
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(server: [identity.yaml, "heartbeat: 50ms"], .fixture("waits")), in: folder)
        let curl = try ChildProcess(
            "/usr/bin/curl",
            [
                "--silent", "--no-buffer", "--http2", "--cacert", identity.certificate,
                "https://127.0.0.1:\(daemon.port)/integrations/waits/sync/stream",
            ])
        // Its connection is looked at with each heartbeat.
        _ = try await curl.output.line { $0 == ":" }
        let (status, _) = try await daemon.terminate()
        #expect(status == .exited(0))
    }

    @Test func `over HTTP/2 a stream that is granted no bytes for 20 seconds is closed`() async throws {
        let folder = try TemporaryFolder()
        let identity = try await TLSIdentity(in: folder)
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(server: [identity.yaml], .fixture("chatty")), in: folder)
        let address = "https://127.0.0.1:\(daemon.port)"
        func curl(_ path: String, _ options: String...) throws -> ChildProcess {
            try ChildProcess(
                "/usr/bin/curl",
                ["--silent", "--no-buffer", "--http2", "--cacert", identity.certificate] + options + [address + path])
        }
        let reading = try curl("/integrations/chatty/sync/stream")
        let first = try await reading.output.line { $0.hasPrefix("id: ") }
        // The connection takes what comes: it is only this stream that has no room.
        let stalled = try StalledHTTP2Stream("/integrations/chatty/sync/stream", daemon.port, identity, in: folder)
        try await eventually("the stalled stream is closed", within: .seconds(90)) {
            let metrics = try curl("/metrics")
            _ = try await metrics.exitStatus()
            return try await metrics.output.end().contains(
                #"integrationd_stream_disconnects_total{reason="stalled"} 1"#)
        }
        #expect(stalled.isConnected)
        let run = try #require(first.dropFirst("id: ".count).split(separator: ".").first)
        let cancelling = try curl("/runs/\(run)/cancel", "--request", "POST")
        #expect(try await cancelling.exitStatus() == .exited(0))
        #expect(try await reading.exitStatus() == .exited(0))
        #expect(try await reading.output.end().contains(#""code":"cancelled""#))
    }

    @Test func `a body that does not come in time is refused, and its connection closed`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(server: ["limits: { body_timeout: 200ms }"], .fixture("hello")))
        let answer = try await RawHTTP.request(
            "POST /integrations/hello/sync HTTP/1.1\r\n"
                + RawHTTP.lines(["Host: 127.0.0.1", "Content-Type: application/json", "Content-Length: 10"]) + "{}",
            port: daemon.port)
        #expect(answer.head?.status == 400)
        #expect(String(decoding: try await answer.wholeBody(), as: UTF8.self).contains("did not arrive within"))
        try await answer.waitForEnd()
        #expect(try await daemon.runs().isEmpty)
    }

    @Test func `a key that is not the certificate's is said at the start`() async throws {
        let folder = try TemporaryFolder()
        let one = try await TLSIdentity(in: folder, name: "one")
        let other = try await TLSIdentity(in: folder, name: "other")
        let yaml = DaemonConfiguration(
            server: ["tls: { certificate: \(one.certificate), private_key: \(other.privateKey) }"], .fixture("hello")
        ).yaml
        let command = try await Command.end(of: DaemonProcess.spawn(yaml: yaml, in: folder))
        #expect(command.status == .exited(2))
        #expect(command.errors.contains("does not belong to the certificate \(one.certificate)"))
    }

    @Test func `stock nginx with proxy_buffering on lets each event through when it happens`() async throws {
        let folder = try TemporaryFolder()
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("gated", name: "slow", settings: ["gate: \(folder.path("gate"))"])),
            in: folder)
        try folder.write(
            """
            daemon off;
            pid \(folder.path("nginx.pid"));
            error_log stderr notice;
            events {}
            http {
              access_log off;
              client_body_temp_path \(folder.path("body")); proxy_temp_path \(folder.path("proxy"));
              fastcgi_temp_path \(folder.path("f")); uwsgi_temp_path \(folder.path("u")); scgi_temp_path \(folder.path("s"));
              server {
                listen unix:\(folder.path("nginx.socket"));
                location / {
                  proxy_pass http://127.0.0.1:\(daemon.port);
                  proxy_http_version 1.1;
                  proxy_buffering on;
                }
              }
            }
            """, to: "nginx.conf")
        let nginx = try ChildProcess(
            "/usr/sbin/nginx", ["-e", "stderr", "-p", folder.url.path, "-c", folder.path("nginx.conf")])
        try await nginx.errors.line { $0.contains("start worker process ") }
        let curl = try ChildProcess(
            "/usr/bin/curl",
            [
                "--silent", "--no-buffer", "--include", "--max-time", "60", "--unix-socket",
                folder.path("nginx.socket"), "http://127.0.0.1/integrations/slow/sync/stream",
            ])
        // It is there while the run cannot go on: nothing was held back.
        try await curl.output.line { $0.contains(#""step":"before_the_gate""#) }
        #expect(!curl.output.text.contains("after_the_gate"))
        try folder.write("", to: "gate")
        #expect(try await curl.exitStatus() == .exited(0))
        let output = try await curl.output.end()
        let body = output.components(separatedBy: "\r\n\r\n").dropFirst().joined()
        var parser = SSEParser()
        let events = parser.feed(Array(body.utf8))
        #expect(events.map(\.step).contains("after_the_gate"))
        #expect(events.last?.type == "complete")
    }
}
