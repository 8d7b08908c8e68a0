package import Core

/// Where everything stands in the file.
struct ConfigurationPlaces: Sendable, CustomReflectable {
    let source: SourceText
    /// What must not be shown of the file's lines.
    let hidden: [SourceSpan]
    /// The keys of the whole file.
    let sections: [String: YAMLEntry]
    let integrations: [String: YAMLEntry]

    var file: String { source.file }

    /// The file may hold secrets.
    var customMirror: Mirror { Mirror(self, children: ["file": file]) }

    /// The entry and all below it on the way to a place, as far as they exist.
    fileprivate func way(to path: [JSONPathElement], of integration: String) -> [Step] {
        guard let entry = integrations[integration] else { return [] }
        var steps = [Step(keySpan: entry.keySpan, node: entry.value)]
        for element in path {
            guard let next = steps.last.flatMap({ Step($0.node, element) }) else { break }
            steps.append(next)
        }
        return steps
    }

    /// A value and, within a mapping, its key.
    struct Step {
        var keySpan: SourceSpan?
        var node: YAMLNode

        init(keySpan: SourceSpan?, node: YAMLNode) {
            self.keySpan = keySpan
            self.node = node
        }

        init?(_ parent: YAMLNode, _ element: JSONPathElement) {
            switch (parent.content, element) {
            case (.mapping(let entries), .key(let key)):
                guard let entry = entries.first(where: { $0.key == key }) else { return nil }
                self.init(keySpan: entry.keySpan, node: entry.value)
            case (.sequence(let elements), .index(let index)):
                guard elements.indices.contains(index) else { return nil }
                self.init(keySpan: nil, node: elements[index])
            default: return nil
            }
        }

        /// A mistake in a scalar is shown at the scalar, one in a list or mapping at its key.
        var location: SourceLocation {
            if case .scalar(let scalar) = node.content, !scalar.text.isEmpty {
                return node.span.start
            }
            return keySpan?.start ?? node.span.start
        }
    }
}

extension Configuration {
    /// Where a setting stands; the nearest that contains it where it is absent, in the end the
    /// integration's own key.
    ///
    /// - Parameter atKey: its key and not its value, as for a key that should not be there.
    package func location(
        ofSetting path: [JSONPathElement], of integration: String, atKey: Bool = false
    ) -> SourceLocation {
        let full = [.key("settings")] + path
        let way = places.way(to: full, of: integration)
        guard let last = way.last else { return SourceLocation(line: 1, column: 1) }
        let exists = way.count == full.count + 1
        return (atKey || !exists ? last.keySpan?.start : nil) ?? last.location
    }

    /// A mistake in a setting that was found after the file was read.
    ///
    /// - Parameters:
    ///   - atKey: shown at the key, as for one that should not be there.
    ///   - showsValue: false hides what stands there, as for an unknown key, which may be a
    ///     mistyped secret.
    ///   - secretSettings: names of settings that the plugin's schema marks as secrets; they are
    ///     hidden besides those that the file's keys give away.
    package func error(
        atSetting path: [JSONPathElement], of integration: String, message: String,
        hint: String? = nil, atKey: Bool = false, showsValue: Bool = true,
        secretSettings: Set<String> = []
    ) -> ConfigurationError {
        var hidden = places.hidden
        func hide(_ path: [JSONPathElement]) {
            let way = places.way(to: [.key("settings")] + path, of: integration)
            guard way.count == path.count + 2, let step = way.last else { return }
            hidden += SecretPlaces.spans(hiding: step.node, of: places.source)
        }
        for name in secretSettings { hide([.key(name)]) }
        if !showsValue { hide(path) }
        let location = location(ofSetting: path, of: integration, atKey: atKey)
        return places.source.error(
            Problem(location: location, message: message, hint: hint), hiding: hidden)
    }

    /// Something about a whole part of the file, such as `server`; at its begin where it is left out.
    package func error(atSection name: String, message: String, hint: String? = nil) -> ConfigurationError {
        let location = places.sections[name]?.keySpan.start ?? SourceLocation(line: 1, column: 1)
        return places.source.error(
            Problem(location: location, message: message, hint: hint), hiding: places.hidden)
    }

    /// A mistake in one of an integration's own keys that was found after the file was read, such
    /// as a `plugin` that is not there.
    package func error(
        atKey key: String, of integration: String, message: String, hint: String? = nil
    ) -> ConfigurationError {
        let location = places.way(to: [.key(key)], of: integration).last?.location
        let problem = Problem(
            location: location ?? SourceLocation(line: 1, column: 1), message: message, hint: hint)
        return places.source.error(problem, hiding: places.hidden)
    }
}
