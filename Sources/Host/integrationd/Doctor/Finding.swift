import ArgumentParser
import Core
import Terminal

/// One thing that `integrationd doctor` has looked at.
struct Finding {
    enum Level: String {
        case good, remark, problem
    }

    /// `store`, `port`, …
    var check: String
    var level: Level
    var message: String
    /// What to do about it.
    var next: String?
    /// How the program ends for it.
    var exitCode = ExitCode.environment

    static func good(_ check: String, _ message: String) -> Finding {
        Finding(check: check, level: .good, message: message)
    }

    /// Not wrong, and worth to know.
    static func remark(_ check: String, _ message: String, next: String) -> Finding {
        Finding(check: check, level: .remark, message: message, next: next)
    }

    static func problem(
        _ check: String, _ message: String, next: String, exitCode: ExitCode = .environment
    ) -> Finding {
        Finding(check: check, level: .problem, message: message, next: next, exitCode: exitCode)
    }

    func lines(_ style: Style) -> [Line] {
        let (mark, role): (String, Line.Role) =
            switch level {
            case .good: (style.hasBlocks ? "✓" : "ok", .good)
            case .remark: (style.hasBlocks ? "•" : "--", .warning)
            case .problem: (style.hasBlocks ? "✗" : "!!", .bad)
            }
        var line = Line(mark, role).adding(" ")
        for span in Line(check, .dim).padded(to: 14).spans { line.add(span.text, span.role) }
        var lines = [line.adding(" \(message)")]
        if let next { lines.append(Line("                 → ", .accent).adding(next)) }
        return lines
    }

    var json: JSONValue {
        [
            "check": .string(check), "level": .string(level.rawValue), "message": .string(message),
            "next": next.map(JSONValue.string) ?? .null,
        ]
    }
}
