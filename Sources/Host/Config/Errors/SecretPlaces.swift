import Core

/// Which parts of the file are, or could be, secrets, and so are not shown in an error.
///
/// A guess by names, since a plugin's schema is not known yet when the file is read; it hides
/// rather too much.
enum SecretPlaces {
    private static let words = [
        "token", "secret", "password", "passwd", "passphrase", "pwd", "apikey", "accesskey",
        "privatekey", "credential", "authorization", "bearer", "cookie", "postgresql", "dsn",
        "databaseurl", "connectionstring",
    ]
    /// Keys of the daemon's own that sound like secrets and are none.
    private static let exempt: Set<String> = [
        "auth.tokens", "server.limits.streams_per_token", "server.tls.private_key",
    ]

    static func isSecret(name: String) -> Bool {
        guard name.utf8.count >= 3 else { return false }
        let joined = name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." }
        if joined == "key" || words.contains(where: joined.contains) { return true }
        // A mistyped `tokn:` holds a token all the same.
        let parts = name.lowercased().split { $0 == "_" || $0 == "-" || $0 == "." } + [joined[...]]
        return Set(parts).contains { part in
            let scalars = Array(part.unicodeScalars)
            return scalars.count >= 4
                && longWords.contains { NearestName.distance(scalars, $0, limit: 1) <= 1 }
        }
    }

    /// The words in which a mistake is still to be recognised.
    private static let longWords = words.filter { $0.count >= 5 }.map { Array($0.unicodeScalars) }

    /// Whether a mistyped key that was meant to be this one may hold a secret.
    static func mayHoldSecrets(name: String) -> Bool {
        isSecret(name: name) || ["auth", "settings", "integrations", "store"].contains(name)
    }

    /// The spans of all secrets in a file.
    static func spans(in tree: YAMLTree, of source: SourceText) -> [SourceSpan] {
        var spans: [SourceSpan] = []
        collect(tree.root, path: "", isSecret: false, of: source, into: &spans)
        for node in tree.rejected { spans += self.spans(hiding: node, of: source) }
        return spans
    }

    /// The spans of the scalars in a node that is a secret as a whole.
    static func spans(hiding node: YAMLNode, of source: SourceText) -> [SourceSpan] {
        var spans: [SourceSpan] = []
        collect(node, path: "", isSecret: true, of: source, into: &spans)
        return spans
    }

    private static func collect(
        _ node: YAMLNode, path: String, isSecret: Bool, of source: SourceText,
        into spans: inout [SourceSpan]
    ) {
        switch node.content {
        case .scalar(let scalar):
            let hides =
                isSecret
                ? !isReference(scalar.text)
                : hasCredentials(scalar.text) || isAssignmentOfSecret(scalar.text)
            if hides, !scalar.text.isEmpty { spans.append(node.span) }
        case .sequence(let elements):
            for element in elements {
                collect(element, path: path, isSecret: isSecret, of: source, into: &spans)
            }
        case .mapping(let entries):
            for entry in entries {
                let inner = path.isEmpty ? entry.key : "\(path).\(entry.key)"
                let hides =
                    isSecret
                    || !exempt.contains(inner)
                        && (Self.isSecret(name: entry.key) || inner == "auth.tokens.sha256")
                collect(entry.value, path: inner, isSecret: hides, of: source, into: &spans)
            }
        case .invalid:
            if isSecret { spans.append(node.span) }
        }
    }

    /// Only the name of a variable or of a file: nothing to hide.
    private static func isReference(_ text: String) -> Bool {
        text.hasPrefix("${") && text.hasSuffix("}") && !text.contains(":-")
            && !text.dropFirst(2).dropLast().contains { "${}".contains($0) }
    }

    /// A URL with a user and a password.
    private static func hasCredentials(_ text: String) -> Bool {
        guard let scheme = text.firstIndex(of: ":") else { return false }
        return text[scheme...].hasPrefix("://") && text[scheme...].contains("@")
    }

    /// `token=abc`, or `token:abc` with its blank forgotten.
    private static func isAssignmentOfSecret(_ text: String) -> Bool {
        guard let mark = text.firstIndex(where: { $0 == ":" || $0 == "=" }) else { return false }
        return !isReference(text) && isSecret(name: String(text[..<mark].prefix(64)))
    }
}

extension SecretPlaces {
    /// What to hide of the line of a syntax error: there is no tree to ask, so the text must do.
    static func spans(besides error: YAMLSyntaxError, of source: SourceText) -> [SourceSpan] {
        let line = error.location.line
        let scalars = source.scalars(ofLine: line)
        let indentation = scalars.prefix { $0 == " " || $0 == "\t" }.count
        var isAllHidden =
            hasCredentials(string(scalars[...]))
            || isBelowSecret(line, indentation: indentation, of: source)
        var first = isAllHidden ? indentation : endOfSecretName(in: scalars)
        if let begin = error.beginOfScalar, !isAllHidden {
            isAllHidden = true
            first = begin.line == line ? min(begin.column - 1, scalars.count) : indentation
        }
        guard var start = first else { return [] }
        while start < scalars.count, " \t:\"'=".unicodeScalars.contains(scalars[start]) {
            start += 1
        }
        let rest = string(scalars[start...])
        guard !rest.isEmpty, isAllHidden || !isReference(rest) else { return [] }
        return [
            SourceSpan(
                start: SourceLocation(line: line, column: start + 1),
                end: SourceLocation(line: line, column: scalars.count + 1))
        ]
    }

    /// Whether a line with less indentation, up to the one without any, names a secret.
    private static func isBelowSecret(
        _ line: Int, indentation: Int, of source: SourceText
    ) -> Bool {
        var limit = indentation
        for above in stride(from: line - 1, to: 0, by: -1) where limit > 0 {
            let scalars = source.scalars(ofLine: above)
            let indentation = scalars.prefix { $0 == " " || $0 == "\t" }.count
            guard indentation < limit, indentation < scalars.count, scalars[indentation] != "#"
            else { continue }
            limit = indentation
            let name = scalars[indentation...].drop { " -\"'".unicodeScalars.contains($0) }
                .prefix(while: isNamePart)
            if isSecret(name: string(name)), string(name) != "tokens" { return true }
        }
        return false
    }

    /// The column behind the first word of the line that names a secret.
    private static func endOfSecretName(in scalars: [Unicode.Scalar]) -> Int? {
        var column = 0
        while column < scalars.count {
            let word = scalars[column...].prefix(while: isNamePart)
            if !word.isEmpty, isSecret(name: string(word)) { return word.endIndex }
            column = max(word.endIndex, column + 1)
        }
        return nil
    }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || scalar == "_" || scalar == "-"
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}
