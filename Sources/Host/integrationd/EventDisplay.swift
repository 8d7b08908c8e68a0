import Core
import Foundation

/// Shows the events of a run on stdout.
enum EventDisplay {
    /// A line that is drawn again and again, on a terminal.
    case bar
    /// A line an event.
    case lines
    /// An event's body a line.
    case json

    func show(_ event: RunEvent) throws {
        switch self {
        case .json: try StandardOutput.write(event.body + "\n")
        case .lines: if let line = Self.line(event) { try StandardOutput.write(line + "\n") }
        case .bar: try StandardOutput.write(Self.drawn(event))
        }
    }

    /// What a person reads: the step and its message; the terminal event repeats the step before it.
    private static func line(_ event: RunEvent) -> String? {
        // Our own text, which is JSON.
        guard let body = try? JSONValue(parsing: event.body) else { return nil }
        guard !event.isTerminal else { return hint(body) }
        let message = (body["message"]?.stringValue ?? "").printable
        let percent = body["percent"].flatMap(number).map { String(format: " (%.0f %%)", $0) } ?? ""
        return "\(event.step): \(message)\(percent)"
    }

    /// What the end of a run says beyond the step before it.
    private static func hint(_ body: JSONValue) -> String? {
        (body["hint"]?.stringValue?.printable).map { "hint: \($0)" }
    }

    private static func drawn(_ event: RunEvent) -> String {
        // Our own text, which is JSON.
        guard let body = try? JSONValue(parsing: event.body) else { return "" }
        guard !event.isTerminal else { return hint(body).map { $0 + "\n" } ?? "" }
        let message = (body["message"]?.stringValue ?? "").printable
        let erase = "\r\u{1B}[K"
        switch event.step {
        case "complete": return erase + "✓ \(message)\n"
        case "error": return erase + "✗ \(message)\n"
        case "document_failed": return erase + "! \(message)\n"
        default:
            let drawnBar = body["percent"].flatMap(number).map { bar($0) + " " } ?? ""
            let eta = body["etaSeconds"]?.integerValue.map { "  \($0) s left" } ?? ""
            return erase + String((drawnBar + message).prefix(width - eta.count - 1)) + eta
        }
    }

    private static func bar(_ percent: Double) -> String {
        let cells = 24
        let full = Int(percent / 100 * Double(cells))
        return String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
            + String(format: " %3.0f %%", percent)
    }

    private static var width: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20
            ? Int(size.ws_col) : 80
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }
}
