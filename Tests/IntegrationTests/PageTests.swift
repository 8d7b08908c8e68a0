import Foundation
import Testing

/// The page at `/`, in a real browser.
@Suite("The page", .realPrograms, .timeLimit(.minutes(30)))
struct PageTests {
    /// A plugin that goes on when a file is there, and how to make it.
    private struct Gate {
        let folder: TemporaryFolder
        let configuration: DaemonConfiguration

        init() throws {
            folder = try TemporaryFolder()
            configuration = DaemonConfiguration(.fixture("gated", settings: ["gate: \(folder.path("gate"))"]))
        }

        func open() throws { try folder.write("", to: "gate") }
    }

    // MARK: An import

    @Test func `an import is started, watched to its end, and nothing moves meanwhile`() async throws {
        let setup = try await ClickUpSetup.start(["--latency", "250ms", "--docs", "60"])
        let browser = try Browser.start()
        let tab = try await browser.open(setup.daemon, "/#/clickup")
        try await tab.wait(for: "Nothing has been imported yet.")
        try await tab.evaluate(
            """
            globalThis.shifts = [];
            new PerformanceObserver((list) => list.getEntries().forEach(({ value, sources }) =>
                shifts.push(`${value}: ${sources.map(({ node }) => node?.outerHTML?.slice(0, 60))}`)))
                .observe({ type: "layout-shift" });
            """)
        try await tab.click("Import")
        try await tab.wait(for: "Running", in: ".panel")
        try await tab.wait("/\\d/.test(document.querySelector('.counts tbody').innerText)")
        #expect(try await tab.text(".percent").hasSuffix(" %"))
        try await tab.picture("running")
        try await tab.wait(for: "Succeeded", in: ".panel")
        try await tab.wait(for: "documents imported, 0 failed.")
        let shifts = try await tab.evaluate("shifts")
        #expect(shifts == [], "\(shifts)")
        #expect(try await tab.text(".counts").contains("docs\t60"))
        #expect(try await tab.text(".log").contains("Found 3 spaces"))
        #expect(try await tab.evaluate("document.querySelector('[role=progressbar]').ariaValueNow") == "100")
        try await tab.picture("succeeded")

        // Everything is known now; a full import reads it all the same.
        try await tab.click("Full import")
        try await tab.wait(for: "Running", in: ".panel")
        try await tab.wait(for: "Succeeded", in: ".panel")
        let runs = try await setup.daemon.runs()
        #expect(runs.map { $0["options"]?["full"] } == [true, false])
        #expect(tab.complaints == [])
    }

    @Test func `a collection has a bar whatever the plugin calls the step that counts it`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("counts", settings: ["documents: 100", "progress: 100", "delay_ms: 100"])))
        let browser = try Browser.start()
        let tab = try await browser.open(daemon, "/#/counts")
        try await tab.click("Import")
        try await tab.wait("document.querySelector('.counts .bar')?.ariaValueNow > 3")
        try await tab.click("Cancel")
        try await tab.wait(for: "Cancelled", in: ".panel")
        #expect(try await tab.evaluate("document.querySelector('.counts .bar')") == .null)
    }

    @Test func `an import is cancelled`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("waits")))
        let browser = try Browser.start()
        let tab = try await browser.open(daemon)
        try await tab.click("Import waits")
        try await tab.wait(for: "Waiting to be cancelled", in: ".card")
        try await tab.evaluate("location.hash = '#/waits'")
        try await tab.wait(for: "Waiting to be cancelled", in: ".panel")
        try await tab.click("Cancel")
        try await tab.wait(for: "Cancelled", in: ".panel")
        try await tab.wait("[...document.querySelectorAll('button')].some((each) => each.innerText === 'Import')")
        #expect(try await daemon.runs().map { $0["status"] } == ["cancelled"])
    }

    @Test func `a page that is loaded again in the middle goes on watching, and starts nothing`() async throws {
        let gate = try Gate()
        let daemon = try await DaemonProcess.start(gate.configuration)
        let browser = try Browser.start()
        let tab = try await browser.open(daemon, "/#/gated")
        try await tab.click("Import")
        try await tab.wait(for: "Before the gate", in: ".log")
        try await tab.send("Page.reload")
        try await tab.wait("performance.getEntriesByType('navigation')[0].type === 'reload'")
        try await tab.wait(for: "Running", in: ".panel")
        try await tab.wait(for: "Starting gated import...", in: ".log")
        try await tab.wait(for: "50 %", in: ".percent")
        try gate.open()
        try await tab.wait(for: "2 documents imported, 0 failed.")
        #expect(try await daemon.runs().count == 1)
    }

    @Test func `a daemon that is killed and comes back is found again, and nothing is called done meanwhile`()
        async throws
    {
        let gate = try Gate()
        let daemon = try await DaemonProcess.start(gate.configuration)
        let browser = try Browser.start()
        let tab = try await browser.open(daemon, "/#/gated")
        try await tab.click("Import")
        try await tab.wait(for: "Before the gate", in: ".log")
        try await tab.remember(".panel .state")
        try await daemon.kill()
        try await tab.wait(for: "The connection is lost", in: ".panel")
        try await tab.wait(for: "Trying again in", in: ".panel")
        try await tab.wait(for: "The daemon does not answer.", in: "header")
        try await tab.picture("lost")

        var configuration = gate.configuration
        configuration.port = daemon.port
        let again = try await DaemonProcess.start(configuration, in: daemon.folder)
        try await tab.wait(for: "resumed", in: ".log")
        try await tab.wait("document.querySelector('#connection').innerText === ''")
        #expect(try await Set(tab.remembered.split(separator: "\n")).isSubset(of: ["Running", "Queued"]))
        try gate.open()
        try await tab.wait(for: "Succeeded", in: ".panel")
        #expect(try await again.runs().count == 1)
    }

    @Test func `two tabs see the same import, and the end that one of them asks for`() async throws {
        let gate = try Gate()
        let daemon = try await DaemonProcess.start(gate.configuration)
        let browser = try Browser.start()
        let first = try await browser.open(daemon, "/#/gated")
        try await first.click("Import")
        try await first.wait(for: "Before the gate", in: ".log")
        let second = try await browser.open(daemon, "/#/gated")
        try await second.wait(for: "Before the gate", in: ".log")
        try await second.click("Cancel")
        for tab in [first, second] {
            // A tab that is behind another is asleep.
            try await tab.send("Page.bringToFront")
            try await tab.wait(for: "Cancelled", in: ".panel")
        }
        #expect(try await daemon.runs().count == 1)
    }

    @Test func `a failed import says why, and what to do`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("crash"), .fixture("abi_major_2", name: "future", ["display_name: Future"])))
        let browser = try Browser.start()
        let tab = try await browser.open(daemon)
        try await tab.wait(for: "Cannot be loaded")
        try await tab.click("Import crash")
        try await tab.wait(for: "Failed", in: ".card")
        try await tab.evaluate("location.hash = '#/crash'")
        try await tab.wait(for: "Failed", in: ".panel")
        let failure = try #require(try await daemon.runs().first?["error"])
        #expect(try await tab.text(".failure").contains(try #require(failure["message"]?.string)))
        #expect(try await tab.evaluate("document.querySelector('[role=progressbar]').ariaValueNow") == "0")
        try await tab.picture("failed")
        try await tab.evaluate("location.hash = '#/future'")
        try await tab.wait(for: "The plugin cannot be loaded.", in: ".trouble")
    }

    @Test func `a plugin that keeps crashing is in quarantine, and is let out of it`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("crash", ["schedule: every 2h"])))
        let browser = try Browser.start()
        let tab = try await browser.open(daemon)
        try await tab.wait(for: "next in ", in: ".card")
        for _ in 1...3 { _ = try await daemon.http.events(ofImport: "crash") }
        try await tab.wait(for: "In quarantine", in: ".card")
        #expect(try await tab.text(".card").contains("SIGSEGV"))
        try await tab.evaluate("location.hash = '#/crash'")
        try await tab.wait(for: "Crashed 3 times in a row", in: ".trouble")
        #expect(try await tab.text(".trouble").contains("SIGSEGV"))
        try await tab.wait(for: "next import in ", in: "main > div > .facts")
        try await tab.picture("quarantine")
        // Before its time it does not even begin.
        try await tab.click("Import")
        try await tab.wait(for: "is not run before", in: ".failure")
        try await tab.click("Let it run again")
        try await tab.wait("!document.querySelector('.trouble')")
        try await tab.click("Import")
        try await tab.wait(for: "SIGSEGV", in: ".failure")
    }

    @Test func `a configuration with a mistake is refused with its place, and taken over once it is mended`()
        async throws
    {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let yaml = try String(contentsOf: daemon.folder.url.appending(path: "integrations.yaml"), encoding: .utf8)
        let browser = try Browser.start()
        let tab = try await browser.open(daemon)
        try await tab.wait(for: "Never imported", in: ".card")
        try daemon.folder.write(yaml.replacing("plugin:", with: "plugn:"), to: "integrations.yaml")
        try await tab.click("Reload")
        try await tab.wait(for: "did you mean \"plugin\"?", in: "#notice:not([hidden])")
        #expect(try await tab.text("#notice").contains("integrations.yaml:"))
        try await tab.picture("refused")
        try await tab.click("Close this message")
        try await tab.wait("document.querySelector('#notice').hidden")
        try await tab.click("Reload")
        try await tab.wait(for: "did you mean", in: "#notice:not([hidden])")
        try daemon.folder.write(
            yaml.replacing("hello:", with: "hello:\n    display_name: Greeter"), to: "integrations.yaml")
        try await tab.click("Reload")
        try await tab.wait(for: "Taken over: hello.", in: "#notice.good")
        try await tab.wait(for: "Greeter", in: ".card")
        try await tab.click("Reload")
        try await tab.wait(for: "The configuration has not changed.", in: "#notice.good")
    }

    @Test func `a run that waits says for whom and how long`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("waits", settings: ["announce_ms: 38000"], ["display_name: ClickUp"])))
        let browser = try Browser.start()
        let tab = try await browser.open(daemon, "/#/waits")
        try await tab.click("Import")
        try await tab.wait(for: "Waiting for ClickUp, resumes in 3", in: ".panel")
        try await tab.wait(for: "Waiting", in: ".panel .state")
        let first = try await tab.text(".panel .message")
        try await tab.picture("waiting")
        try await tab.wait("document.querySelector('.panel .message').innerText !== '\(first)'")
        #expect(try await tab.text(".panel .message").hasPrefix("Waiting for ClickUp, resumes in"))
    }

    @Test func `failed documents, the log and earlier imports have their places`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("known_user", settings: ["documents: 5", "failed: 2", "skipped: 3"])))
        let browser = try Browser.start()
        let tab = try await browser.open(daemon, "/#/known-user")
        for count in 1...2 {
            try await tab.click("Import")
            try await eventually("the import ends") {
                let runs = try await daemon.runs()
                return runs.count == count && runs[0]["endedAt"] != nil
            }
            try await tab.wait(for: "Succeeded in part", in: ".panel")
        }
        try await tab.click("Failed documents (1)")
        try await tab.wait(for: "items/2", in: ".list")
        let failed = try await tab.text(".list")
        #expect(failed.contains("Could not be read.") && failed.contains("unreadable") && failed.contains("items/3"))
        try await tab.click("Log")
        try await tab.wait(for: "Known: 3.", in: ".log")
        try await tab.click("Earlier imports")
        try await tab.wait("document.querySelectorAll('.list tbody tr').length === 2")
        try await tab.evaluate("document.querySelectorAll('.list a')[1].click()")
        try await tab.wait(for: "Show the newest")
        #expect(try await tab.evaluate("location.hash").string?.hasPrefix("#/known-user/run/") == true)
        try await tab.click("Log")
        try await tab.wait(for: "Known: 0.", in: ".log")
        #expect(tab.complaints == [])
    }

    @Test func `a hidden tab has no stream`() async throws {
        let gate = try Gate()
        let daemon = try await DaemonProcess.start(gate.configuration)
        let browser = try Browser.start()
        let tab = try await browser.open(daemon, "/#/gated")
        try await tab.click("Import")
        try await tab.wait(for: "Before the gate", in: ".log")
        func streams() async throws -> String? {
            try await daemon.http.get("/metrics").text.split(separator: "\n")
                .first { $0.hasPrefix("integrationd_streams_open ") }.map(String.init)
        }
        try await eventually("one stream") { try await streams() == "integrationd_streams_open 1" }
        let other = try await browser.tab()
        try await other.send("Page.bringToFront")
        try await eventually("no stream") { try await streams() == "integrationd_streams_open 0" }
        try gate.open()
        try await tab.send("Page.bringToFront")
        try await tab.wait(for: "2 documents imported, 0 failed.")
    }
}
