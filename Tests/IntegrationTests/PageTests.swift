import Foundation
import Testing

/// The page at `/`, in a real browser.
@Suite("The page", .realPrograms, .timeLimit(.minutes(30)))
struct PageTests {
    /// A browser's tab at a daemon's page.
    private static func open(_ daemon: DaemonProcess, _ path: String = "/", in browser: Browser) async throws -> Tab {
        let tab = try await browser.tab()
        try await tab.open("http://127.0.0.1:\(daemon.port)\(path)")
        return tab
    }

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
        let tab = try await Self.open(setup.daemon, "/#/clickup", in: browser)
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
        let tab = try await Self.open(daemon, "/#/counts", in: browser)
        try await tab.click("Import")
        try await tab.wait("document.querySelector('.counts .bar')?.ariaValueNow > 3")
        try await tab.click("Cancel")
        try await tab.wait(for: "Cancelled", in: ".panel")
        #expect(try await tab.evaluate("document.querySelector('.counts .bar')") == .null)
    }

    @Test func `an import is cancelled`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("waits")))
        let browser = try Browser.start()
        let tab = try await Self.open(daemon, in: browser)
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
        let tab = try await Self.open(daemon, "/#/gated", in: browser)
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
        let tab = try await Self.open(daemon, "/#/gated", in: browser)
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
        let first = try await Self.open(daemon, "/#/gated", in: browser)
        try await first.click("Import")
        try await first.wait(for: "Before the gate", in: ".log")
        let second = try await Self.open(daemon, "/#/gated", in: browser)
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
        let tab = try await Self.open(daemon, in: browser)
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
        let tab = try await Self.open(daemon, in: browser)
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
        let tab = try await Self.open(daemon, in: browser)
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
        let tab = try await Self.open(daemon, "/#/waits", in: browser)
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
        let tab = try await Self.open(daemon, "/#/known-user", in: browser)
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
        let tab = try await Self.open(daemon, "/#/gated", in: browser)
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

    // MARK: Documents

    @Test func `ten thousand documents are a tree that moves at once`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("counts", settings: ["documents: 10000", "progress: 500"])))
        let browser = try Browser.start()
        let tab = try await Self.open(daemon, "/#/counts/documents", in: browser)
        try await tab.click("Import")
        try await tab.wait(for: "10,000 documents", in: ".note", within: .seconds(60))
        #expect(try await tab.evaluate("document.querySelectorAll('.row').length < 60") == true)
        try await tab.picture("ten-thousand")
        try await tab.evaluate("document.querySelector('.row').focus()")
        try await tab.press("End")
        try await tab.wait("document.activeElement.innerText.includes('Item 10000')")
        #expect(
            try await tab.evaluate("document.activeElement.ariaPosInSet + '/' + document.activeElement.ariaSetSize")
                == "10000/10000")
        try await tab.press("ArrowUp")
        try await tab.wait("document.activeElement.innerText.includes('Item 9999')")
        try await tab.evaluate("document.querySelector('input[type=search]').focus()")
        try await tab.type("item 777")
        try await tab.wait(for: "11 documents of 10,000", in: ".note")
        try await tab.evaluate("document.querySelector('.row a').click()")
        try await tab.wait(for: "Item 777", in: ".document h2")
        #expect(tab.complaints == [])
    }

    @Test func `documents are read in their place, found by the keyboard alone`() async throws {
        let setup = try await ClickUpSetup.start()
        try await setup.importAll()
        let browser = try Browser.start()
        let tab = try await Self.open(setup.daemon, "/#/clickup/documents", in: browser)
        try await tab.wait(for: "65 documents", in: ".note")
        for _ in 1...40 where try await tab.evaluate("document.activeElement.role") != "treeitem" {
            try await tab.press("Tab")
        }
        #expect(try await tab.evaluate("document.activeElement.role") == "treeitem")
        // To a space, into it, and on to the first document that has something below it.
        for key in ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"] { try await tab.press(key) }
        #expect(try await tab.evaluate("Number(document.activeElement.ariaLevel)") == 3)
        try await tab.picture("documents")
        let title = try #require(try await tab.evaluate("document.activeElement.querySelector('a').innerText").string)
        try await tab.press("Enter")
        try await tab.wait(for: title, in: ".document h2")
        #expect(try await tab.evaluate("document.querySelectorAll('.path li').length") == 3)
        try await tab.picture("document")
        #expect(tab.complaints == [])
    }

    @Test func `what others have written is text, whatever it looks like`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("markdown")))
        _ = try await daemon.http.events(ofImport: "markdown")
        let browser = try Browser.start()
        let tab = try await Self.open(daemon, "/#/markdown/documents", in: browser)
        try await tab.evaluate("globalThis.hurt = undefined")
        try await tab.wait(for: "<img src=x onerror=hurt=1>", in: ".tree")
        try await tab.click("<img src=x onerror=hurt=1>")
        try await tab.wait("document.querySelector('.prose')")
        let text = try await tab.text(".prose")
        #expect(text.contains("<script>hurt=2</script>"))
        #expect(
            try await tab.evaluate("document.querySelectorAll('.prose :is(script, img, iframe, style)').length") == 0)
        let links = try await tab.evaluate(
            "[...document.querySelectorAll('.prose a')].map((a) => a.getAttribute('href'))")
        #expect(links == ["https://example.com/a_(b)", "https://example.com/picture.png"])
        #expect(
            try await tab.evaluate(
                "[...document.querySelectorAll('.prose a')].every((a) => a.rel.includes('noopener'))") == true)
        let shape = try await tab.evaluate(
            "[...document.querySelectorAll('.prose *')].map((each) => each.localName).join(' ')")
        for part in [
            "h3", "strong", "em", "code", "ul li ul li", "ol li", "input", "pre code", "blockquote p", "table", "hr",
            "del",
        ] {
            #expect(shape.string?.contains(part) == true, "\(part) in \(shape)")
        }
        #expect(try await tab.evaluate("hurt") == .null)
        #expect(tab.complaints == [])
    }

    // MARK: Who asks

    @Test func `a token is entered once, and stays in the tab`() async throws {
        var configuration = DaemonConfiguration(.fixture("hello"))
        configuration.more =
            "auth: {tokens: [{name: page, token: token-of-the-page, scopes: [integrations:read, integrations:write]}]}"
        let daemon = try await DaemonProcess.start(configuration)
        let browser = try Browser.start()
        let tab = try await Self.open(daemon, "/#/hello", in: browser)
        try await tab.wait(for: "This server asks for a token.", in: "dialog")
        try await tab.picture("token")
        try await tab.type("wrong")
        try await tab.press("Enter")
        try await tab.wait(for: "The server does not know this token.", in: "dialog")
        try await tab.type("token-of-the-page")
        try await tab.press("Enter")
        try await tab.click("Import")
        try await tab.wait(for: "Succeeded", in: ".panel")
        try await tab.send("Page.reload")
        try await tab.wait("performance.getEntriesByType('navigation')[0].type === 'reload'")
        try await tab.wait(for: "Succeeded", in: ".panel")
        #expect(try await tab.evaluate("sessionStorage.integrationd.includes('token-of-the-page')") == true)
        #expect(try await tab.evaluate("localStorage.length + document.cookie.length") == 0)
        #expect(try await tab.evaluate("location.href").string?.contains("token") == false)

        let other = try await Self.open(daemon, "/#/hello", in: browser)
        try await other.wait(for: "This server asks for a token.", in: "dialog")
    }

    @Test func `the page works below a base path, with and without the slash`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(server: ["base_path: /api"], .fixture("hello")))
        let moved = try await daemon.http.get("/api")
        #expect(moved.status == 308 && moved.head["location"] == "api/")
        let browser = try Browser.start()
        let tab = try await Self.open(daemon, "/api#/hello", in: browser)
        try await tab.click("Import")
        try await tab.wait(for: "Succeeded", in: ".panel")
        #expect(try await tab.evaluate("location.pathname") == "/api/")
        let loaded = try await tab.evaluate(
            "performance.getEntriesByType('resource').every(({ name }) => new URL(name).pathname.startsWith('/api/'))")
        #expect(loaded == true)
    }

    // MARK: For everyone

    @Test func `it fits a narrow screen, and the dark is dark`() async throws {
        let setup = try await ClickUpSetup.start()
        try await setup.importAll()
        let browser = try Browser.start()
        let tab = try await Self.open(setup.daemon, in: browser)
        try await tab.resize(width: 360, height: 740)
        try await tab.send(
            "Emulation.setEmulatedMedia", ["features": [["name": "prefers-color-scheme", "value": "dark"]]])
        for (path, sign) in [
            ("#/", ".card"), ("#/clickup/activity", ".panel"), ("#/clickup/history", ".list a"),
            ("#/clickup/documents", ".row"),
        ] {
            try await tab.evaluate("location.hash = '\(path)'")
            try await tab.wait("document.querySelector('\(sign)')?.checkVisibility()")
            #expect(
                try await tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
                    == true, "\(path)")
            try await tab.picture("narrow-\(path.dropFirst("#/clickup/".count))")
        }
        #expect(
            try await tab.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(19, 20, 23)")
    }

    @Test func `everything that can be used has a name, and the keyboard reaches it`() async throws {
        let setup = try await ClickUpSetup.start()
        try await setup.importAll()
        let browser = try Browser.start()
        for path in ["/#/", "/#/clickup", "/#/clickup/log", "/#/clickup/history", "/#/clickup/documents"] {
            let tab = try await Self.open(setup.daemon, path, in: browser)
            try await tab.wait("document.querySelector('.card, .list, .row')")
            let nodes = try await tab.send("Accessibility.getFullAXTree")["nodes"]?.items ?? []
            #expect(nodes.count > 10)
            let usable = [
                "button", "link", "textbox", "searchbox", "combobox", "progressbar", "tree", "treeitem", "log",
            ]
            for node in nodes where usable.contains(node["role"]?["value"]?.string ?? "") && node["ignored"] == false {
                #expect(node["name"]?["value"]?.string?.isEmpty == false, "\(path): \(node)")
            }
            // Tab goes through all of it and comes back to where it began.
            let reachable = try await tab.evaluate(
                "[...document.querySelectorAll('a, button, input, select')].filter((each) => each.checkVisibility() && each.tabIndex === 0 && !each.disabled).length"
            )
            var reached: Set<String> = []
            for _ in 0..<(reachable.integer ?? 0) + 10 {
                try await tab.press("Tab")
                let outer = try await tab.evaluate(
                    "document.activeElement.matches('a, button, input, select') && document.activeElement.outerHTML")
                if let outer = outer.string { reached.insert(outer) }
            }
            #expect(reached.count >= (reachable.integer ?? .max), "\(path): \(reached)")
        }
    }

    @Test func `the page has the weight that it may have, and a policy that lets nothing else in`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let page = try await daemon.http.get("/")
        let policy = try #require(page.head["content-security-policy"])
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"))
        #expect(try await daemon.http.get("/page/none.js").status == 404)
        let browser = try Browser.start()
        let tab = try await Self.open(daemon, "/#/hello", in: browser)
        try await tab.click("Import")
        try await tab.wait(for: "Succeeded", in: ".panel")
        try await tab.click("Documents")
        try await tab.wait("document.querySelector('.row')")
        try await tab.click("Access…")
        try await tab.wait(for: "Token", in: "dialog")
        // Whatever the page can load, as it is served; `integrationd.js` is among it.
        var weight = page.text.utf8.count
        var names: Set<String> = []
        let folder = BuildProducts.checkout.appending(path: "Sources/Host/Dashboard/assets/page").path
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) + ["integrationd.js"]
        where name != "index.html" {
            let file = try await daemon.http.get("/page/\(name)")
            #expect(file.status == 200, "\(name)")
            weight += file.text.utf8.count
            names.insert("/page/\(name)")
        }
        #expect((40_000...60_000).contains(weight), "\(weight)")
        let loaded = try await tab.evaluate(
            "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)")
        let files = Set(loaded.items.compactMap(\.string)).filter { $0.wholeMatch(of: /.*\.[a-z]+/) != nil }
        #expect(files.isSubset(of: names) && files.count > 12, "\(files)")
        #expect(
            try await tab.evaluate(
                "performance.getEntriesByType('resource').every(({ name }) => new URL(name).origin === location.origin)"
            ) == true)
    }
}
