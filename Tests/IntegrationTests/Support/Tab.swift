import Foundation

/// One tab of a browser, and what a person does in it.
final class Tab: Sendable {
    private let browser: Browser
    private let session: String

    init(_ browser: Browser, session: String) { (self.browser, self.session) = (browser, session) }

    @discardableResult
    func send(_ method: String, _ parameters: JSON = [:]) async throws -> JSON {
        try await browser.send(method, parameters, session: session)
    }

    /// Errors, exceptions and violations of the page's own policy that the browser has told of.
    var complaints: [String] {
        browser.events(session: session).compactMap { event in
            let parameters = event["params"]
            switch event["method"]?.string {
            case "Runtime.exceptionThrown":
                let details = parameters?["exceptionDetails"]
                return details?["exception"]?["description"]?.string ?? details?["text"]?.string
            case "Log.entryAdded":
                let entry = parameters?["entry"]
                guard entry?["level"]?.string == "error" else { return nil }
                return "\(entry?["text"]?.string ?? "?") \(entry?["url"]?.string ?? "")"
            default: return nil
            }
        }
    }

    // MARK: Looking

    func open(_ address: String) async throws { try await send("Page.navigate", ["url": .string(address)]) }

    func resize(width: Int, height: Int) async throws {
        try await send(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .number(Double(width)), "height": .number(Double(height)), "deviceScaleFactor": 1,
                "mobile": false,
            ])
    }

    /// The value of an expression, once its promise is fulfilled.
    @discardableResult
    func evaluate(_ expression: String) async throws -> JSON {
        let answer = try await send(
            "Runtime.evaluate",
            ["expression": .string(expression), "awaitPromise": true, "returnByValue": true, "userGesture": true])
        if let details = answer["exceptionDetails"] {
            let text = details["exception"]?["description"]?.string ?? details["text"]?.string
            throw Browser.Failure(description: "\(expression): \(text ?? "?")")
        }
        return answer["result"]?["value"] ?? .null
    }

    /// Until an expression is true.
    func wait(_ expression: String, within limit: Duration = patience) async throws {
        do {
            try await eventually(expression, within: limit) {
                // A page that is about to be replaced cannot be asked.
                (try? await self.evaluate("Boolean(\(expression))")) == true
            }
        } catch let timeOut as TimedOut {
            let shown = try await evaluate("document.body.innerText").string ?? ""
            throw TimedOut(description: "\(timeOut.description); the page shows:\n\(shown)\n\(complaints)")
        }
    }

    /// What of the page can be read.
    func text(_ selector: String = "main") async throws -> String {
        try await evaluate("document.querySelector(\(Self.quoted(selector)))?.innerText").string ?? ""
    }

    /// Until a part of the page shows this.
    func wait(for text: String, in selector: String = "main", within limit: Duration = patience) async throws {
        try await wait(
            "document.querySelector(\(Self.quoted(selector)))?.innerText.includes(\(Self.quoted(text)))", within: limit)
    }

    /// What the page has shown since `remember`, each text once.
    func remember(_ selector: String) async throws {
        try await evaluate(
            """
            globalThis.seen = new Set();
            new MutationObserver(() => seen.add(document.querySelector(\(Self.quoted(selector)))?.innerText))
                .observe(document.body, { subtree: true, childList: true, characterData: true });
            """)
    }

    var remembered: String {
        get async throws { try await evaluate("[...seen].join('\\n')").string ?? "" }
    }

    // MARK: Doing

    /// Clicks the first button or link that is to be seen and has this name.
    func click(_ name: String) async throws {
        let found = """
            [...document.querySelectorAll("button, a")].find((element) =>
                (element.ariaLabel ?? element.innerText).trim() === \(Self.quoted(name)) && element.checkVisibility())
            """
        // At once, since it may be hidden again between two questions.
        try await wait("((element) => element && !element.disabled && (element.click(), true))(\(found))")
    }

    /// A key as the keyboard sends it, such as `ArrowDown`, `Tab` or `a`.
    func press(_ key: String) async throws {
        let codes = [
            "Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38,
            "ArrowRight": 39, "ArrowDown": 40,
        ]
        let text = key == "Enter" ? "\r" : key.count == 1 ? key : ""
        for type in ["keyDown", "keyUp"] {
            try await send(
                "Input.dispatchKeyEvent",
                [
                    "type": .string(type), "key": .string(key), "text": .string(text),
                    "windowsVirtualKeyCode": .number(Double(codes[key] ?? 0)),
                ])
        }
    }

    func type(_ text: String) async throws { try await send("Input.insertText", ["text": .string(text)]) }

    /// Keeps a picture, where `INTEGRATIOND_PICTURES` names a folder for it.
    func picture(_ name: String) async throws {
        guard let folder = ProcessInfo.processInfo.environment["INTEGRATIOND_PICTURES"] else { return }
        let answer = try await send("Page.captureScreenshot", ["format": "png"])
        guard let data = Data(base64Encoded: answer["data"]?.string ?? "") else { return }
        try data.write(to: URL(filePath: folder).appending(path: "\(name).png"))
    }

    private static func quoted(_ text: String) -> String { (try? JSON.string(text).text) ?? "\"\"" }  // always is JSON
}
