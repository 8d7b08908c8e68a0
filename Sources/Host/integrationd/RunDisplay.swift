import Core
import Foundation
import Synchronization
import Terminal

/// Shows one run on stdout while someone follows it.
final class RunDisplay: Sendable {
    enum Form: Sendable {
        /// Some lines that are drawn again and again, on a terminal.
        case live
        /// A line an event.
        case lines
        /// An event's body a line.
        case json
    }

    let form: Form
    private let view: Mutex<RunView>
    private let drawing = Mutex(Drawing())
    private let style = Style(environment: ProcessInfo.processInfo.environment)

    private struct Drawing {
        var region = LiveRegion()
        var shown: [Line] = []
        var size = LiveRegion.Size(columns: 0, rows: 0)
        var isOn = false
    }

    /// Time between two drawings.
    private static let interval = 0.1

    init(_ form: Form, integration: String, run: RunID) {
        self.form = form
        let age = max(0, Timestamp.now.milliseconds - run.time.milliseconds)
        view = Mutex(
            RunView(
                integration: integration, run: run.description, start: .now - .milliseconds(min(age, Self.longestAge))))
        resume()
    }

    /// A year: clocks of two machines may differ by anything.
    private static let longestAge: Int64 = 366 * 86_400_000

    /// What suits stdout, unless JSON is asked for.
    static func form(json: Bool) -> Form {
        if json { return .json }
        let isTerminal = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        return isTerminal ? .live : .lines
    }

    /// Throws where stdout cannot be written.
    func show(_ event: RunEvent) throws {
        switch form {
        case .json: try StandardOutput.write(event.body + "\n")
        case .lines: if let line = Self.line(event) { try StandardOutput.write(line + "\n") }
        case .live: view.withLock { $0.take(event, at: .now) }
        }
    }

    func show(_ counts: ImportCounts) { view.withLock { $0.take(counts, at: .now) } }

    func connected() { view.withLock { $0.take(RunView.Connection.up) } }

    func lost(_ reason: String, retryIn pause: Duration) {
        view.withLock { $0.take(.lost(reason: reason, nextTry: .now + pause)) }
        if form != .live {
            StandardError.write("not connected, next try in \(Words.span(pause.components.seconds)): \(reason)")
        }
    }

    /// - Parameter remark: what else can be done.
    func cancelling(_ remark: String = "") { view.withLock { $0.cancelling(remark) } }

    // MARK: Drawing

    /// Leaves what is drawn where it is, and draws no more.
    func pause() {
        draw()
        drawing.withLock { $0 = Drawing() }
    }

    /// Draws below what is there.
    func resume() {
        guard form == .live else { return }
        drawing.withLock { $0.isOn = true }
        OwnThread.start(name: "display") { [weak self] in
            while self?.draw() == true { Thread.sleep(forTimeInterval: Self.interval) }
        }
    }

    /// What stays of a run that has ended.
    func end() {
        guard form == .live else { return }
        draw()
        drawing.withLock { drawing in
            let lines = view.withLock { $0.summary(at: .now, style: style) }
            guard drawing.isOn, !lines.isEmpty else { return drawing.isOn = false }
            Self.write(drawing.region.replace(with: lines, size: Self.size, style: style))
            drawing.isOn = false
        }
    }

    /// False once there is nothing to draw any more.
    @discardableResult
    private func draw() -> Bool {
        drawing.withLock { drawing in
            guard drawing.isOn else { return false }
            let size = Self.size
            let (lines, notices) = view.withLock { view in
                (view.lines(columns: size.columns, at: .now, clock: .now, style: style), view.takeNotices())
            }
            guard lines != drawing.shown || !notices.isEmpty || size != drawing.size else { return true }
            (drawing.shown, drawing.size) = (lines, size)
            Self.write(drawing.region.draw(lines, above: notices, size: size, style: style))
            return true
        }
    }

    private static func write(_ text: String) {
        // A terminal that has gone takes the program with it, or nobody looks.
        try? StandardOutput.write(text)
    }

    private static var size: LiveRegion.Size { TerminalSize.current ?? .init(columns: 80, rows: 24) }

    // MARK: Lines

    /// What a person reads: the step and its message; the terminal event repeats the step before it.
    private static func line(_ event: RunEvent) -> String? {
        // Our own text, which is JSON.
        guard let body = try? JSONValue(parsing: event.body) else { return nil }
        guard !event.isTerminal else {
            let hint = (body["hint"]?.stringValue?.printable).map { ["hint: \($0)"] } ?? []
            let lines = ReportWords.lines(of: body["result"]).map { "report: \($0.text)" } + hint
            return lines.isEmpty ? nil : lines.joined(separator: "\n")
        }
        let message = (body["message"]?.stringValue ?? "").printable
        return "\(event.step.printable): \(message)\(percent(body["percent"]))"
    }

    private static func percent(_ value: JSONValue?) -> String {
        switch value {
        case .integer(let integer): " (\(integer) %)"
        case .number(let number): String(format: " (%.0f %%)", number)
        default: ""
        }
    }
}

enum TerminalSize {
    /// Of the terminal at stdout; nil where it is none, or does not know.
    static var current: LiveRegion.Size? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return .init(columns: Int(size.ws_col), rows: size.ws_row > 0 ? Int(size.ws_row) : 24)
    }
}
