import Foundation
import Testing

/// What `docs/clients.md` and the README tell people to paste, as it stands there.
@Suite("Snippets", .realPrograms, .timeLimit(.minutes(30)))
struct SnippetTests {
    /// The blocks of code in a file, by language and the heading above them.
    private struct Snippet {
        var heading: String
        var language: String
        var text: String

        static func all(in path: String) throws -> [Snippet] {
            let lines = try String(contentsOf: BuildProducts.checkout.appending(path: path), encoding: .utf8)
                .components(separatedBy: "\n")
            var snippets: [Snippet] = []
            var heading = ""
            var block: Snippet?
            for line in lines {
                if line.hasPrefix("```") {
                    if let finished = block { snippets.append(finished) }
                    block =
                        block == nil ? Snippet(heading: heading, language: String(line.dropFirst(3)), text: "") : nil
                } else if block != nil {
                    block?.text += line + "\n"
                } else if line.hasPrefix("#") {
                    heading = line.drop { $0 == "#" || $0 == " " }.description
                }
            }
            return snippets
        }

        static func under(_ heading: String, _ language: String, in path: String = "docs/clients.md") throws -> [String]
        {
            try all(in: path).filter { $0.heading == heading && $0.language == language }.map(\.text)
        }
    }

    private static func start(token: String? = nil) async throws -> DaemonProcess {
        var configuration = DaemonConfiguration(
            server: ["base_path: /api"], .fixture("hello", name: "clickup", ["display_name: ClickUp"]))
        if let token {
            configuration.more =
                "auth: {tokens: [{name: page, token: \(token), scopes: [integrations:read, integrations:write]}]}"
        }
        return try await DaemonProcess.start(configuration)
    }

    /// The address of `make demo`, replaced by that of a daemon.
    private static func addressed(_ text: String, to daemon: DaemonProcess) -> String {
        text.replacing("127.0.0.1:3001", with: "127.0.0.1:\(daemon.port)")
    }

    /// Runs a program to its end and returns what it has written.
    private static func run(_ program: String, _ arguments: [String], in folder: TemporaryFolder) async throws -> String
    {
        let process = try ChildProcess("/usr/bin/env", [program] + arguments, folder: folder.url.path)
        let status = try await process.exitStatus(within: .seconds(180))
        let output = try await process.output.end()
        #expect(status == .exited(0), "\(output)\(process.errors.text)")
        return output
    }

    @Test func `there is nothing to paste that is not run here`() throws {
        let expected = [
            "JavaScript": ["js", "js"], "A native EventSource": ["js", "js"], "curl": ["sh", "sh"],
            "Python": ["python"],
            "Swift": ["swift"],
        ]
        let found = Dictionary(grouping: try Snippet.all(in: "docs/clients.md"), by: \.heading)
        #expect(found.mapValues { $0.map(\.language) } == expected)
    }

    @Test func `JavaScript, with the client as a package`() async throws {
        let daemon = try await Self.start()
        let package = daemon.folder.url.appending(path: "node_modules/integrationd")
        try FileManager.default.createDirectory(
            at: package.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: BuildProducts.checkout.appending(path: "Sources/Host/Dashboard/assets"), to: package)
        let snippet = try #require(try Snippet.under("JavaScript", "js").first)
        try daemon.folder.write(Self.addressed(snippet, to: daemon), to: "watch.mjs")
        let output = try await Self.run("node", ["watch.mjs"], in: daemon.folder)
        #expect(output.hasPrefix("Starting ClickUp import...") && output.hasSuffix("documents\n"), "\(output)")
    }

    @Test func `JavaScript with callbacks, in a page`() async throws {
        let daemon = try await Self.start()
        let browser = try Browser.start()
        let tab = try await browser.tab()
        try await tab.open("http://127.0.0.1:\(daemon.port)/api/")
        let snippet = try #require(try Snippet.under("JavaScript", "js").last)
            .replacing(#/import { startSync } from "(.*)";/#) {
                "const { startSync } = await import(\"\($0.output.1)\");"
            }
        try await tab.wait(for: "Integrations")
        try await tab.evaluate(
            """
            globalThis.told = [];
            Object.assign(globalThis, {
                show: (message) => told.push(message), done: (result) => told.push(result.totalImported),
                failed: (message) => told.push(message), wait: () => told.push("wait"), goOn: () => told.push("open"),
            });
            (async () => { \(snippet) })();
            """)
        try await tab.wait("typeof told.at(-1) === 'number'")
        #expect(try await tab.evaluate("told.slice(0, 2)") == ["open", "Starting ClickUp import..."])
    }

    @Test(arguments: ["docs/clients.md", "README.md"])
    func `a native EventSource, with a token by way of the cookie`(file: String) async throws {
        let daemon = try await Self.start(token: "token-of-the-page")
        let browser = try Browser.start()
        let tab = try await browser.tab()
        // Any page of the origin would do; this one asks for nothing by itself.
        try await tab.open("http://127.0.0.1:\(daemon.port)/healthz")
        let heading = file == "README.md" ? "Watch an import" : "A native EventSource"
        let native = try #require(try Snippet.under(heading, "js", in: file).first)
        let session = try #require(try Snippet.under("A native EventSource", "js").last)
        try await tab.wait("document.body.innerText.includes('ok')")
        try await tab.evaluate(
            """
            (async () => {
                globalThis.told = [];
                const token = "token-of-the-page";
                const show = ({ message }) => told.push(message), done = (result) => told.push(result.totalImported);
                const failed = (error) => told.push(error);
                \(session)
                \(native)
            })()
            """)
        try await tab.wait("typeof told.at(-1) === 'number'")
        #expect(try await tab.evaluate("told[0]") == "Starting ClickUp import...")
        #expect(try await tab.evaluate("document.cookie") == "")
        let runs = try await daemon.http.bearer("token-of-the-page").get("/runs").json["items"]?.items ?? []
        #expect(runs.map { $0["requestedBy"] } == ["page"])
    }

    @Test func `EventSource comes back by itself when the daemon was killed, and the cookie with it`() async throws {
        let folder = try TemporaryFolder()
        var configuration = DaemonConfiguration(.fixture("gated", settings: ["gate: \(folder.path("gate"))"]))
        configuration.more =
            "auth: {tokens: [{name: page, token: token-of-the-page, scopes: [integrations:read, integrations:write]}]}"
        let daemon = try await DaemonProcess.start(configuration)
        let browser = try Browser.start()
        let tab = try await browser.tab()
        try await tab.open("http://127.0.0.1:\(daemon.port)/healthz")
        try await tab.wait("document.body.innerText.includes('ok')")
        try await tab.evaluate(
            """
            (async () => {
                await fetch("/session", { method: "POST", headers: { Authorization: "Bearer token-of-the-page" } });
                globalThis.told = [];
                globalThis.events = new EventSource("/integrations/gated/sync/stream");
                for (const name of ["progress", "complete", "error"]) {
                    events.addEventListener(name, ({ type, data }) => {
                        told.push(data ? JSON.parse(data).step ?? type : "lost");
                        if (type === "complete") events.close();
                    });
                }
            })()
            """)
        try await tab.wait("told.includes('before_the_gate')")
        try await daemon.kill()
        try await tab.wait("told.includes('lost')")
        configuration.port = daemon.port
        let again = try await DaemonProcess.start(configuration, in: daemon.folder)
        try await tab.wait("told.includes('resumed')")
        try folder.write("", to: "gate")
        try await tab.wait("told.at(-1) === 'complete'")
        let runs = try await again.http.bearer("token-of-the-page").get("/runs").json["items"]?.items
        #expect(runs?.count == 1)
    }

    @Test func curl() async throws {
        let daemon = try await Self.start()
        let snippets = try Snippet.under("curl", "sh").map { Self.addressed($0, to: daemon) }
        let watched = try await Self.run("bash", ["-euc", snippets[0]], in: daemon.folder)
        #expect(watched.contains("event: complete") && watched.contains("\"status\":\"succeeded\""))
        #expect(watched.contains("{\"items\":[{\"id\":"))
        try await eventually("the run ends that was started without watching") {
            try await daemon.http.get("/integrations/clickup/status").json["state"] == "complete"
        }
        let resumed = try await Self.run("bash", ["-euc", snippets[1]], in: daemon.folder)
        #expect(!resumed.contains("Starting ClickUp import...\",\"type\":\"progress\",\"runId\"\n"))
        #expect(resumed.contains("event: complete") && resumed.contains("{\"step\":\"starting\""))
    }

    /// Python with httpx-sse, which `scripts/install-dependencies --tests` puts there, where the network lets it.
    private static let python = BuildProducts.checkout.appending(path: ".build-python/bin/python").path

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: python)))
    func `Python, across a daemon that is killed`() async throws {
        try await Self.comesBack { daemon in
            let snippet = try #require(try Snippet.under("Python", "python").first)
            try daemon.folder.write(Self.addressed(snippet, to: daemon), to: "watch.py")
            return try ChildProcess(Self.python, ["-u", daemon.folder.path("watch.py")])
        }
    }

    @Test func `Swift, across a daemon that is killed`() async throws {
        try await Self.comesBack { daemon in
            let snippet = try #require(try Snippet.under("Swift", "swift").first)
            try daemon.folder.write(Self.addressed(snippet, to: daemon), to: "main.swift")
            _ = try await Self.run("swiftc", ["-o", "watch", "main.swift"], in: daemon.folder)
            // A pipe would keep what is printed until it is full.
            return try ChildProcess("/usr/bin/stdbuf", ["-oL", daemon.folder.path("watch")])
        }
    }

    /// Starts a client, kills the daemon in the middle of the import, and sees the client watch it to its end.
    private static func comesBack(_ client: (DaemonProcess) async throws -> ChildProcess) async throws {
        let folder = try TemporaryFolder()
        var configuration = DaemonConfiguration(
            server: ["base_path: /api"], .fixture("gated", name: "clickup", settings: ["gate: \(folder.path("gate"))"]))
        let daemon = try await DaemonProcess.start(configuration)
        let process = try await client(daemon)
        try await process.output.line { $0.hasPrefix("Before the gate") }
        try await daemon.kill()
        configuration.port = daemon.port
        let again = try await DaemonProcess.start(configuration, in: daemon.folder)
        try await process.output.line(within: .seconds(60)) { $0.contains("ttempt 2") }
        try folder.write("", to: "gate")
        #expect(try await process.exitStatus() == .exited(0), "\(process.errors.text)")
        let lines = try await process.output.end().split(separator: "\n")
        #expect(lines.last?.contains("2") == true)
        // Each event once.
        #expect(
            lines.filter { $0.hasPrefix("Before the gate") }.count <= 2
                && lines.filter { $0.hasPrefix("Starting") }.count == 1)
        #expect(try await again.runs().count == 1)
    }
}
