import Foundation
import Testing

/// What once went wrong for somebody who used the daemon from outside.
@Suite("What went wrong once", .realPrograms, .timeLimit(.minutes(30)))
struct RegressionTests {
    /// A daemon with one integration, `probe`, whose plugin has this body.
    static func daemon(
        _ source: String, settings: String = "", runs: [String] = [], more: DaemonConfiguration.Integration...,
        environment: [String: String] = [:]
    ) async throws -> DaemonProcess {
        let name = try await compile(source, settings: settings)
        let setting = settings.isEmpty ? [] : ["token: ${TEST_TOKEN}"]
        for integration in more { try await FixturePlugins.compile(integration.fixture) }
        var configuration = DaemonConfiguration(runs: runs, .fixture(name, name: "probe", settings: setting))
        configuration.integrations += more
        return try await DaemonProcess.start(yaml: configuration.yaml, environment: environment)
    }

    /// Compiles a plugin with the mandatory exports in front, and returns the name of its file.
    static func compile(_ source: String, settings: String = "") async throws -> String {
        let folder = try TemporaryFolder()
        let name = "probe-\(UUID().uuidString.lowercased())"
        let file = try folder.write(
            "#include \"fixture.h\"\nFIXTURE_PLUGIN(\"probe\", \(settings.isEmpty ? "\"\"" : settings))\n" + source,
            to: "\(name).c")
        try await FixturePlugins.compile(file, to: FixturePlugins.directory, name: name)
        return name
    }

    /// All that the pages of a listing have, in order.
    static func everything(_ http: HTTPClient, _ path: String) async throws -> [JSON] {
        var all: [JSON] = []
        var after = ""
        while true {
            let page = try await http.get("\(path)?limit=1000\(after)").json
            all += try #require(page["items"]).items
            guard let next = page["next"]?.string ?? page["next"]?.integer.map(String.init) else { return all }
            after = "&after=\(next)"
        }
    }

    static func log(of daemon: DaemonProcess) async throws -> [String] {
        let run = try #require(try await daemon.runs().first?["id"]?.string)
        return try await everything(daemon.http, "/runs/\(run)/log").compactMap { $0["message"]?.string }
    }

    // MARK: Output and the log

    @Test(arguments: ["INTEGRATION_OK", "INTEGRATION_PERMANENT"])
    func `what a plugin prints without a line break before it returns is in the log of its run`(
        status: String
    ) async throws {
        let daemon = try await Self.daemon(
            """
            FIXTURE_IMPORT {
                (void)call;
                printf("a line of its own\\nthe last words of stdout");
                fprintf(stderr, "the last words of stderr");
                return \(status);
            }
            """)
        let end = try await daemon.http.events(ofImport: "probe").last
        #expect(end?.type == (status == "INTEGRATION_OK" ? "complete" : "error"))
        let log = try await Self.log(of: daemon)
        for words in ["a line of its own", "the last words of stdout", "the last words of stderr"] {
            #expect(log.filter { $0 == words }.count == 1, "\(words): \(log)")
            #expect(daemon.log.contains(words))
        }
    }

    @Test func `what a plugin writes to stderr without a line break before it aborts is in the log`() async throws {
        let daemon = try await Self.daemon(
            """
            FIXTURE_IMPORT {
                (void)call;
                fprintf(stderr, "the last words");
                abort();
            }
            """)
        #expect(try await daemon.http.events(ofImport: "probe").last?.json["code"] == "plugin-crashed")
        #expect(try await Self.log(of: daemon).contains("the last words"))
    }

    @Test(arguments: [
        #"printf("line %d\n", i);"#,
        #"{ snprintf(text, sizeof text, "line %d", i); call->host->log(call->host, INTEGRATION_LOG_INFO, text, NULL); }"#,
    ])
    func `of a storm of log lines the newest are kept, and the number of the others is told`(say: String) async throws {
        let count = 9000  // no more than a run's log may have
        let daemon = try await Self.daemon(
            """
            FIXTURE_IMPORT {
                char text[64] = "";
                for (int i = 0; i < \(count); i++) \(say)
                return text[0] && !call ? INTEGRATION_INTERNAL : INTEGRATION_OK;
            }
            """)
        #expect(try await daemon.http.events(ofImport: "probe").last?.type == "complete")
        let log = try await Self.log(of: daemon)
        let numbers = log.compactMap { $0.hasPrefix("line ") ? Int($0.dropFirst(5)) : nil }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        #expect(Array(numbers.suffix(1000)) == Array(count - 1000..<count), "from \(numbers.suffix(1000).first ?? -1)")
        let lost = log.compactMap { line in
            line.contains("came faster") ? line.split(separator: " ").first.flatMap { Int($0) } : nil
        }
        #expect(numbers.count + lost.reduce(0, +) == count)
    }

    @Test func `a daemon whose log nobody reads serves imports and ends on SIGTERM`() async throws {
        let plugin = try await Self.compile(
            #"""
            FIXTURE_IMPORT {
                for (int i = 0; i < 20000; i++) printf("line %d that nobody is ever going to read\n", i);
                return fixture_documents(call, 1);
            }
            """#)
        try await FixturePlugins.compile("hello")
        let folder = try TemporaryFolder()
        let configuration = DaemonConfiguration(.fixture(plugin, name: "probe"), .fixture("hello"))
        let file = try folder.write(configuration.yaml, to: "integrations.yaml")
        // Somebody has it open, and does not read.
        let pipe = folder.path("log")
        try #require(mkfifo(pipe, 0o600) == 0)
        let unread = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(unread >= 0)
        defer { close(unread) }
        let process = try ChildProcess(
            "/bin/sh",
            ["-c", #"exec "$0" serve --config "$1" 2>"$2""#, BuildProducts.daemon.path, file.path, pipe],
            environment: ["PATH": "/usr/bin:/bin"], folder: folder.url.path)
        let greeting = "integrationd listening on http://127.0.0.1:"
        let line = try await process.output.line { $0.hasPrefix(greeting) }
        let http = HTTPClient(port: try #require(Int(line.dropFirst(greeting.count))))

        #expect(try await http.events(ofImport: "probe").last?.type == "complete")
        let writable = open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(writable >= 0)
        defer { close(writable) }
        // How many bytes that is depends on how they were written: a pipe counts pages.
        try await eventually("the pipe is full") {
            var end = pollfd(fd: writable, events: Int16(POLLOUT), revents: 0)
            return poll(&end, 1, 0) == 0
        }
        for name in ["hello", "probe", "hello"] {
            #expect(try await http.events(ofImport: name).last?.type == "complete")
        }
        #expect(try await http.post("/integrations/hello/sync").status == 202)
        process.send(SIGTERM)
        #expect(try await process.exitStatus(within: .seconds(20)) == .exited(0))
    }

    // MARK: Secrets

    static let secret = "SuperSecretKey99"
    static let readsToken = #"""
        static const char *token(const integration_call *call) {
            static char text[64];
            int64_t size = call->host->secret(call->host, "token", text, sizeof text - 1);
            text[size > 0 ? size : 0] = '\0';
            return text;
        }

        """#
    static let tokenSetting = #""\"token\":{\"type\":\"string\",\"x-secret\":true}""#

    @Test func `a secret in the id of a reported document or in the name of a step is shown nowhere`() async throws {
        let daemon = try await Self.daemon(
            Self.readsToken + #"""
                FIXTURE_IMPORT_PROGRESS {
                    char id[128];
                    const integration_host *host = call->host;
                    snprintf(id, sizeof id, "https://example.com/?token=%s&page=2", token(call));
                    progress(context, token(call), "A step.", 1, 2);
                    host->report(host, INTEGRATION_REPORT_FAILED, "items", token(call), "broken", "It is broken.");
                    host->report(host, INTEGRATION_REPORT_SKIPPED, "items", id, "too-old", "It is too old.");
                    host->report(host, INTEGRATION_REPORT_FAILED, "items", id, "broken", "It is broken too.");
                    progress(context, token(call), "A step.", 2, 2);
                    return INTEGRATION_OK;
                }
                """#,
            settings: Self.tokenSetting, environment: ["TEST_TOKEN": Self.secret])
        let stream = try await daemon.http.sync("probe")
        #expect(try await stream.rest().last?.type == "complete")
        let run = try #require(try await daemon.runs().first?["id"]?.string)
        let errors = try await daemon.http.get("/runs/\(run)/errors")
        #expect(try errors.json["items"]?.items.count == 3 && errors.text.contains("token=***&page=2"))
        var said = [stream.text, errors.text]
        for path in ["/runs", "/runs/\(run)", "/runs/\(run)/log", "/runs/\(run)/events", "/integrations/probe/status"] {
            said.append(try await daemon.http.get(path).text)
        }
        _ = try await daemon.terminate()
        said += [try await daemon.process.errors.end(), try await daemon.process.output.end()]
        // In a step's name the worker replaces what may not stand there.
        let forms = [Self.secret, "_uper_ecret_ey99"]
        for text in said { for form in forms { #expect(!text.contains(form), "\(text)") } }
        let files = try #require(FileManager.default.enumerator(at: daemon.folder.url, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.lastPathComponent.hasPrefix("store.db") {
            let content = try Data(contentsOf: file)
            for form in forms { #expect(content.firstRange(of: Data(form.utf8)) == nil, "\(file.lastPathComponent)") }
        }
    }

    @Test func `a document with a secret in its id that is reported as failed is not taken for deleted`() async throws {
        // The first import stores three documents, the second one fails to read one of them and misses another.
        let daemon = try await Self.daemon(
            Self.readsToken + #"""
                FIXTURE_IMPORT {
                    char path[4096], id[128];
                    const integration_host *host = call->host;
                    snprintf(path, sizeof path, "%s/was-here", call->data_dir);
                    snprintf(id, sizeof id, "https://example.com/?token=%s", token(call));
                    fixture_document(call, "stays", "Stays", "Some text.");
                    if (access(path, F_OK) != 0) {
                        fixture_document(call, id, "Protected", "Some text.");
                        fixture_document(call, "goes", "Goes", "Some text.");
                        FILE *file = fopen(path, "w");
                        if (!file) return INTEGRATION_PERMANENT;
                        fclose(file);
                    } else {
                        host->report(host, INTEGRATION_REPORT_FAILED, "items", id, "broken", "It is broken.");
                    }
                    return host->complete(host, "items", NULL);
                }
                """#,
            settings: Self.tokenSetting, environment: ["TEST_TOKEN": Self.secret])
        for titles in [["Goes", "Protected", "Stays"], ["Protected", "Stays"]] {
            #expect(try await daemon.http.events(ofImport: "probe").last?.type == "complete")
            let documents = try await daemon.http.get("/documents").json["items"]?.items ?? []
            #expect(documents.compactMap { $0["title"]?.string }.sorted() == titles)
        }
    }

    // MARK: Plugins in trouble

    @Test func `a plugin that hangs while it is described is asked once`() async throws {
        let daemon = try await Self.daemon(
            """
            __attribute__((constructor)) static void hang(void) {
                for (;;) pause();
            }
            FIXTURE_IMPORT { return fixture_documents(call, 1); }
            """,
            more: .fixture("hello"))
        for attempt in 1...3 {
            let start = ContinuousClock.now
            let listed = try await daemon.http.get("/integrations").json["items"]?.items ?? []
            // Asking takes five seconds.
            if attempt > 1 { #expect(start.duration(to: .now) < .seconds(3)) }
            #expect(Set(listed.compactMap { $0["name"]?.string }) == ["hello", "probe"])
            #expect(try await daemon.http.get("/integrations/probe").json["pluginError"]?["code"]?.string != nil)
        }
    }
}
