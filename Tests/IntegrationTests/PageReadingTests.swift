import Foundation
import Testing

/// The page at `/` for who reads documents, has a token, a narrow screen, or no mouse.
@Suite("The page for its readers", .realPrograms, .timeLimit(.minutes(30)))
struct PageReadingTests {
    // MARK: Documents

    @Test func `ten thousand documents are a tree that moves at once`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("counts", settings: ["documents: 10000", "progress: 500"])))
        let browser = try Browser.start()
        let tab = try await browser.open(daemon, "/#/counts/documents")
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
        let tab = try await browser.open(setup.daemon, "/#/clickup/documents")
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
        let tab = try await browser.open(daemon, "/#/markdown/documents")
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
        let tab = try await browser.open(daemon, "/#/hello")
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

        let other = try await browser.open(daemon, "/#/hello")
        try await other.wait(for: "This server asks for a token.", in: "dialog")
    }

    @Test func `the page works below a base path, with and without the slash`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(server: ["base_path: /api"], .fixture("hello")))
        let moved = try await daemon.http.get("/api")
        #expect(moved.status == 308 && moved.head["location"] == "api/")
        let browser = try Browser.start()
        let tab = try await browser.open(daemon, "/api#/hello")
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
        let tab = try await browser.open(setup.daemon)
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
            let tab = try await browser.open(setup.daemon, path)
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
        let tab = try await browser.open(daemon, "/#/hello")
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
