import Core

/// One line of a terminal, before it is known whether there are colours.
package struct Line: Sendable, Equatable {
    package enum Role: Sendable, Equatable {
        case plain, dim, strong, good, warning, bad, accent
    }

    package struct Span: Sendable, Equatable {
        package var text: String
        package var role: Role
    }

    package private(set) var spans: [Span] = []

    package init() {}

    package init(_ text: String, _ role: Role = .plain) { add(text, role) }

    /// Nothing that is added can end the line or drive the terminal.
    package mutating func add(_ text: String, _ role: Role = .plain) {
        if !text.isEmpty { spans.append(Span(text: text.printable, role: role)) }
    }

    package func adding(_ text: String, _ role: Role = .plain) -> Line {
        var line = self
        line.add(text, role)
        return line
    }

    package var text: String { spans.map(\.text).joined() }
    /// In cells.
    package var width: Int { spans.reduce(0) { $0 + CellWidth.of($1.text) } }

    /// At most this many cells; what was cut ends with an ellipsis.
    package func cut(to limit: Int) -> Line {
        guard width > limit else { return self }
        guard limit > 0 else { return Line() }
        var left = limit - 1
        var line = Line()
        for span in spans {
            var text = ""
            for character in span.text {
                let width = CellWidth.of(character)
                guard width <= left else { return line.adding(text + "…", span.role) }
                left -= width
                text.append(character)
            }
            line.add(text, span.role)
        }
        return line
    }

    /// Spaces up to this many cells.
    package func padded(to width: Int) -> Line {
        adding(String(repeating: " ", count: max(0, width - self.width)))
    }
}

/// How lines become bytes for a terminal, or for what is none.
package struct Style: Sendable {
    package var hasColours: Bool
    /// Whether bars are drawn with block characters.
    package var hasBlocks: Bool

    package static let bare = Style(hasColours: false, hasBlocks: true)

    package init(hasColours: Bool, hasBlocks: Bool) {
        self.hasColours = hasColours
        self.hasBlocks = hasBlocks
    }

    /// - Parameter environment: `NO_COLOR` (https://no-color.org), `TERM`, and the locale.
    package init(environment: [String: String]) {
        let mayColour = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        let isOther = locale.map { !$0.lowercased().replacing("-", with: "").contains("utf8") } ?? false
        // Without a locale a terminal of today is one for UTF-8.
        self.init(hasColours: mayColour, hasBlocks: !isOther)
    }

    package func render(_ line: Line) -> String {
        line.spans.map { span in
            guard hasColours, let code = Self.code(span.role) else { return span.text }
            return "\u{1B}[\(code)m\(span.text)\u{1B}[0m"
        }.joined()
    }

    private static func code(_ role: Line.Role) -> String? {
        switch role {
        case .plain: nil
        case .dim: "2"
        case .strong: "1"
        case .good: "32"
        case .warning: "33"
        case .bad: "31"
        case .accent: "36"
        }
    }
}
