extension String {
    /// The text as it may stand in a line of a log or on a terminal: a plugin, or the title of a
    /// document, must not end the line, forge another, or drive the terminal.
    package var printable: String {
        guard unicodeScalars.contains(where: Self.isDangerous) else { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar {
            case "\n", "\u{2028}", "\u{2029}": text.append("⏎")
            case "\r": continue
            case "\t": text.append(" ")
            case _ where Self.isDangerous(scalar): text.append("\u{FFFD}")
            default: text.append(scalar)
            }
        }
        return String(text)
    }

    /// Controls, and the marks that turn the direction of the text around them.
    private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
