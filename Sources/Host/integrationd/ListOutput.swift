import Core
import Foundation
import Terminal

/// What a command that lists things prints: a table for people, an object a line for programs.
struct ListOutput {
    let style: Style
    /// Of the terminal; nil: there is none, and nothing is cut.
    let columns: Int?

    init() {
        columns = TerminalSize.current?.columns
        style = columns == nil ? .bare : Style(environment: ProcessInfo.processInfo.environment)
    }

    func write(_ lines: [Line]) throws {
        try StandardOutput.write(lines.map { style.render($0) + "\n" }.joined())
    }

    func write(_ table: Table) throws { try write(table.lines(columns: columns)) }

    static func write(json items: [JSONValue]) throws {
        try StandardOutput.write(items.map { $0.text + "\n" }.joined())
    }
}

extension Line {
    /// A run's status in the colour that it deserves.
    init(status: String) {
        let role: Role =
            switch RunStatus(rawValue: status) {
            case .succeeded: .good
            case .completedWithErrors, .cancelled, .waiting, .cancelling: .warning
            case .failed, .interrupted: .bad
            case .queued, .running: .accent
            case nil: .plain
            }
        self.init(status, role)
    }
}

extension JSONValue {
    /// The text of a member; empty without one.
    func text(_ key: String) -> String { self[key]?.stringValue ?? "" }

    func number(_ key: String) -> Int64 { self[key]?.integerValue ?? 0 }

    func time(_ key: String) -> Timestamp? { self[key]?.stringValue.flatMap { Timestamp(rfc3339: $0) } }
}

extension Timestamp {
    /// `2026-11-25 22:31:04` where the reader is.
    var local: String {
        var second = time_t(milliseconds / 1000)
        var parts = tm()
        localtime_r(&second, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let size = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S", &parts)
        return String(decoding: text.prefix(size).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
