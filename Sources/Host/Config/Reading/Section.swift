import Core

/// One mapping of the file while its keys are read.
///
/// Every key that is asked for becomes a known one; `finish` reports the others.
final class Section {
    /// As in `server.limits`; empty for the whole file.
    let name: String
    /// Where to report that something is missing.
    let location: SourceLocation
    private let entries: [YAMLEntry]
    private unowned let reader: ConfigurationReader
    private var known: [String] = []

    init(
        name: String, location: SourceLocation, entries: [YAMLEntry], reader: ConfigurationReader
    ) {
        self.name = name
        self.location = location
        self.entries = entries
        self.reader = reader
    }

    func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

    func entry(_ key: String) -> YAMLEntry? {
        known.append(key)
        return entries.first { $0.key == key }
    }

    func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// Where a key's value stands.
    func locationOfValue(_ key: String) -> SourceLocation {
        entries.first { $0.key == key }?.value.span.start ?? location
    }

    /// The value of a key; nil where it is absent or, after a report, wrong.
    func value<Value>(_ key: String, as kind: ValueKind<Value>) -> Value? {
        entry(key).flatMap { reader.value($0.value, path(key), as: kind) }
    }

    /// The same for a key that has to be there.
    func required<Value>(
        _ key: String, as kind: ValueKind<Value>, hint: String? = nil
    ) -> Value? {
        if !has(key) { reader.report(location, "\(name) needs the key \"\(key)\"", hint: hint) }
        return value(key, as: kind)
    }

    func section(_ key: String) -> Section? {
        entry(key).flatMap { reader.section($0.value, path(key), at: $0.keySpan.start) }
    }

    /// The values of a list that may not be empty.
    func list<Value>(_ key: String, of kind: ValueKind<Value>) -> [Value]? {
        nodes(key)?.enumerated().compactMap { index, node in
            reader.value(node, "\(path(key))[\(index)]", as: kind)
        }
    }

    /// The elements of a list that may not be empty.
    func nodes(_ key: String) -> [YAMLNode]? {
        guard let entry = entry(key) else { return nil }
        switch entry.value.content {
        case .sequence(let nodes) where !nodes.isEmpty: return nodes
        case .sequence: reader.report(entry.value.span.start, "\(path(key)) is empty")
        case .invalid: break
        case .scalar(let scalar) where scalar.isNull:
            reader.report(
                entry.keySpan.start, "\(path(key)) has no value",
                hint: "give it one, or remove the key")
        default:
            let hint = entry.value.entries == nil ? "write `\(key): [one, two]`" : nil
            reader.report(
                entry.value.span.start, "\(path(key)) must be a list, not \(entry.value.kind)",
                hint: hint)
        }
        return nil
    }

    /// Reports the keys that nobody asked for.
    func finish() {
        let absent = known.filter { !has($0) }
        let unknown = entries.filter { !known.contains($0.key) }
        for (index, entry) in unknown.enumerated() {
            let place = name.isEmpty ? "" : " in \(name)"
            // Those behind are counted only.
            let isShown = index < ConfigurationErrors.maximum
            let meant =
                isShown
                ? NearestName.find(entry.key, among: absent)
                    ?? NearestName.find(entry.key, among: known) : nil
            // It may be a mistyped secret.
            if meant.map(SecretPlaces.mayHoldSecrets) ?? true { reader.hide(entry.value) }
            reader.report(
                entry.keySpan.start, "unknown key \(quoted(entry.key))\(place)",
                hint: meant.map { "did you mean \"\($0)\"?" }
                    ?? "known here: \(known.joined(separator: ", "))")
        }
    }
}
