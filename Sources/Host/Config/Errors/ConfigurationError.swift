/// One mistake in the file, at its place.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    package var file: String
    /// Counts from 1, as the column does.
    package var line: Int
    package var column: Int
    package var message: String
    package var hint: String?
    /// The line as it may be shown, secrets hidden; nil where there is nothing to show, as in an
    /// empty file.
    package var sourceLine: String?
    /// How many characters of `sourceLine` stand before the caret.
    package var caretOffset = 0

    /// `file:line:column: error: message`, then the source line, a caret and the hint.
    package var description: String {
        var lines = ["\(file):\(line):\(column): error: \(message)"]
        if let sourceLine {
            // A tab stays a tab, so that the caret stands right at any width of tabs.
            let margin = sourceLine.unicodeScalars.prefix(caretOffset).map {
                $0 == "\t" ? "\t" : " "
            }
            lines += [sourceLine, margin.joined() + "^"]
        }
        if let hint { lines.append("hint: \(hint)") }
        return lines.joined(separator: "\n")
    }
}

/// All mistakes in the file, in the order of their places.
package struct ConfigurationErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// More than these are counted only: no one reads further.
    package static let maximum = 100

    /// Never empty.
    package let errors: [ConfigurationError]
    /// How many more there are.
    package let omitted: Int

    package init(_ errors: [ConfigurationError], omitted: Int = 0) {
        self.errors = errors
        self.omitted = omitted
    }

    package var description: String {
        let more = omitted > 0 ? ["… and \(omitted) more errors"] : []
        return (errors.map(\.description) + more).joined(separator: "\n")
    }
}

/// A mistake on its way to becoming a `ConfigurationError`.
struct Problem {
    var location: SourceLocation
    var message: String
    var hint: String?
}

/// A text of the file within a message: in quotes, short, and without control characters, which
/// could otherwise play tricks on a terminal.
func quoted(_ text: String) -> String {
    let short = text.unicodeScalars.prefix(64)
    let shown = String(String.UnicodeScalarView(short.map(printable)))
    return "\"\(shown)\(short.endIndex < text.unicodeScalars.endIndex ? "…" : "")\""
}

func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.properties.generalCategory {
    case .control where scalar != "\t", .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
    default: scalar
    }
}
