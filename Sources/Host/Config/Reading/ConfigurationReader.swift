/// Reads values out of the tree and gathers all that is wrong with them.
final class ConfigurationReader {
    let source: SourceText
    let folder: String
    let executableFolder: String
    private let substitution: Substitution
    private(set) var problems: [Problem] = []
    private(set) var hidden: [SourceSpan]

    init(
        source: SourceText, tree: YAMLTree, environment: [String: String],
        folder: String, executableFolder: String
    ) {
        self.source = source
        self.folder = folder
        self.executableFolder = executableFolder
        self.problems = tree.problems
        self.substitution = Substitution(environment: environment, folder: folder)
        self.hidden = SecretPlaces.spans(in: tree, of: source)
    }

    func report(_ location: SourceLocation, _ message: String, hint: String? = nil) {
        problems.append(Problem(location: location, message: message, hint: hint))
    }

    /// Keeps the scalars of a node out of the lines that errors show.
    func hide(_ node: YAMLNode) {
        hidden += SecretPlaces.spans(hiding: node, of: source)
    }

    /// A scalar with its substitutions made; nil after reporting those that cannot be.
    func expand(_ scalar: YAMLScalar, _ span: SourceSpan) -> Substitution.Result? {
        let result = substitution(scalar.text)
        for failure in result.failures.prefix(ConfigurationErrors.maximum) {
            let location = source.location(
                ofDollar: failure.dollar, outOf: result.dollars, in: span)
            report(location, failure.message, hint: failure.hint)
        }
        return result.failures.isEmpty ? result : nil
    }

    /// One scalar; nil after reporting why it cannot be read.
    func value<Value>(_ node: YAMLNode, _ name: String, as kind: ValueKind<Value>) -> Value? {
        guard case .scalar(let scalar) = node.content else {
            if case .invalid = node.content { return nil }
            report(node.span.start, "\(name) must be \(kind.noun), not \(node.kind)")
            return nil
        }
        guard !scalar.isNull else {
            report(
                node.span.start, "\(name) has no value", hint: "give it one, or remove the key")
            return nil
        }
        guard let expanded = expand(scalar, node.span) else { return nil }
        let origin: HostValue.Origin =
            expanded.usesVariables ? .variable : scalar.isPlain ? .plain : .quoted
        do throws(InvalidValue) {
            return try kind.read(HostValue(text: expanded.text, origin: origin))
        } catch {
            report(node.span.start, "\(name) \(error.message)", hint: error.hint)
            return nil
        }
    }

    /// A mapping; nil after reporting that it is none.
    func section(_ node: YAMLNode, _ name: String, at location: SourceLocation) -> Section? {
        switch node.content {
        case .mapping(let entries):
            return Section(name: name, location: location, entries: entries, reader: self)
        case .invalid: break
        case .scalar(let scalar) where scalar.isNull:
            report(location, "\(name) has no value", hint: "give it one, or remove the key")
        default:
            report(node.span.start, "\(name) must be a mapping, not \(node.kind)")
        }
        return nil
    }
}
