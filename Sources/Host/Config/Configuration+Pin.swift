extension Configuration {
    /// Why the file cannot be edited; what a person can do about it instead.
    package struct PinFailure: Error, Sendable {
        package var message: String

        package init(message: String) { self.message = message }
    }

    /// The file with `sha256` of an integration set to a hash, and nothing else changed.
    ///
    /// - Parameter sha256: 64 hexadecimal digits in lower case.
    package func pinning(_ name: String, to sha256: String) throws(PinFailure) -> [UInt8] {
        guard let entry = places.integrations[name], let keys = entry.value.entries else {
            throw PinFailure(message: "there is no integration named \(name)")
        }
        guard entry.keySpan.end < entry.value.span.start else {
            throw PinFailure(
                message: "\(name) is an alias (*) of something else; write sha256: \(sha256) there by hand")
        }
        let source = places.source
        if let pin = keys.first(where: { $0.key == "sha256" }) {
            let span = pin.value.span
            return source.replacing(source.byte(of: span.start)..<source.byte(of: span.end), with: sha256)
        }
        guard let plugin = keys.first(where: { $0.key == "plugin" }) else {
            throw PinFailure(message: "\(name) has no plugin")
        }
        return isInBraces(entry)
            ? insert(", sha256: \(sha256)", at: plugin.value.span.end)
            : insert(
                // Behind what else stands in the line, such as a comment.
                "\n" + String(repeating: " ", count: plugin.keySpan.start.column - 1) + "sha256: \(sha256)",
                at: SourceLocation(line: plugin.value.span.end.line, column: .max))
    }

    private func insert(_ text: String, at location: SourceLocation) -> [UInt8] {
        let byte = places.source.byte(of: location)
        return places.source.replacing(byte..<byte, with: text)
    }

    private func isInBraces(_ integration: YAMLEntry) -> Bool {
        let line = places.source.scalars(ofLine: integration.value.span.start.line)
        return line.dropFirst(integration.value.span.start.column - 1).first == "{"
    }
}
