import Core

/// A file's value, and what is wrong with it so far.
struct YAMLTree {
    var root: YAMLNode
    var problems: [Problem]
    /// What found no place in the tree.
    var rejected: [YAMLNode]
}

/// Makes the tree of a file out of libyaml's events.
struct YAMLComposer {
    /// Levels of lists and mappings.
    static let maximumDepth = 64
    /// Nodes that all aliases together may add: a few lines of nested aliases can stand for
    /// billions of nodes.
    static let maximumExpansion = 10_000

    /// Whatever is wrong though the text is YAML.
    private(set) var problems: [Problem] = []
    /// What found no place in the tree; not to be shown, for it may be a secret.
    private(set) var rejected: [YAMLNode] = []
    private let events: YAMLEvents
    private var anchors: [String: YAMLNode] = [:]
    /// Anchors of values that have begun and not ended.
    private var openAnchors: Set<String> = []
    private var expansion = 0

    init(_ events: YAMLEvents) { self.events = events }

    /// The value of the only document; nil for a file without one.
    mutating func document() throws(YAMLSyntaxError) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return root
            case .documentStart where root != nil:
                report(
                    event.span.start, "a second document begins here",
                    hint: "keep everything in one document; remove this `---`")
                return root
            case .streamStart, .documentStart, .documentEnd: continue
            default: root = try node(event, depth: 1)
            }
        }
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
        guard depth <= Self.maximumDepth else { throw tooDeep(event.span.start) }
        if event.hasTag {
            report(
                event.span.start, "tags are not supported",
                hint: "quote a value to make it a string")
        }
        if let anchor = event.anchor {
            openAnchors.insert(anchor)
            anchors[anchor] = nil
        }
        let node: YAMLNode
        switch event.kind {
        case .scalar(let scalar): node = YAMLNode(content: .scalar(scalar), span: event.span)
        case .alias(let name): return try alias(name, event.span, depth: depth)
        case .sequenceStart: node = try sequence(event, depth: depth)
        default: node = try mapping(event, depth: depth)
        }
        if let anchor = event.anchor {
            openAnchors.remove(anchor)
            anchors[anchor] = node
        }
        return node
    }

    private mutating func alias(
        _ name: String, _ span: SourceSpan, depth: Int
    ) throws(YAMLSyntaxError) -> YAMLNode {
        guard let node = anchors[name] else {
            // The name is not shown: it may be a password that begins with *.
            if openAnchors.contains(name) {
                report(span.start, "an alias that stands inside the value that it means")
            } else {
                report(
                    span.start, "an alias of nothing: no anchor (&) above has its name",
                    hint: NearestName.hint(for: name, among: anchors.keys)
                        ?? "quote a value that begins with *")
            }
            return YAMLNode(content: .invalid, span: span)
        }
        expansion += node.size
        if depth + node.height - 1 > Self.maximumDepth { throw tooDeep(span.start) }
        if expansion > Self.maximumExpansion {
            throw YAMLSyntaxError(
                location: span.start,
                message:
                    "the aliases up to here stand for more than \(Self.maximumExpansion) values")
        }
        return node
    }

    private mutating func sequence(
        _ start: YAMLEvent, depth: Int
    ) throws(YAMLSyntaxError) -> YAMLNode {
        var node = YAMLNode(content: .invalid, span: start.span)
        var elements: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind {
                node.span.end = event.span.end
                node.content = .sequence(elements)
                return node
            }
            let element = try self.node(event, depth: depth + 1)
            node.size += element.size
            node.height = max(node.height, element.height + 1)
            elements.append(element)
        }
    }

    private mutating func mapping(
        _ start: YAMLEvent, depth: Int
    ) throws(YAMLSyntaxError) -> YAMLNode {
        var node = YAMLNode(content: .invalid, span: start.span)
        var entries: [YAMLEntry] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind {
                node.span.end = event.span.end
                node.content = .mapping(entries)
                return node
            }
            let key = try self.node(event, depth: depth + 1)
            let value = try self.node(try events.next(), depth: depth + 1)
            node.size += value.size + 1
            node.height = max(node.height, value.height + 1)
            if isBlankMissing(between: key, and: value) {
                report(
                    event.span.start, "a key without a value", hint: "put a blank after the colon")
                rejected.append(key)
            } else if let name = name(of: key, at: event.span.start, seenOnLines: &lines) {
                entries.append(YAMLEntry(key: name, keySpan: event.span, value: value))
            } else {
                rejected.append(value)
                if case .scalar = key.content {} else { rejected.append(key) }
            }
        }
    }

    /// `{token:abc}` is a key `token:abc` to YAML.
    private func isBlankMissing(between key: YAMLNode, and value: YAMLNode) -> Bool {
        guard case .scalar(let key) = key.content, case .scalar(let value) = value.content else {
            return false
        }
        return key.isPlain && key.text.contains(":") && value.isPlain && value.text.isEmpty
    }

    /// The key as a string; nil after reporting one that cannot stand there.  A duplicate is
    /// reported and stays, behind the first.
    private mutating func name(
        of key: YAMLNode, at location: SourceLocation, seenOnLines lines: inout [String: Int]
    ) -> String? {
        guard case .scalar(let scalar) = key.content else {
            if case .invalid = key.content { return nil }
            report(location, "a key must be a single value, not \(key.kind)")
            return nil
        }
        if scalar.isPlain, scalar.text == "<<" {
            report(
                location, "merge keys (<<) are not supported",
                hint: "use an alias for a whole value")
            return nil
        }
        if let line = lines[scalar.text] {
            report(
                location, "duplicate key \(quoted(scalar.text))",
                hint: "it stands first on line \(line)")
        } else {
            lines[scalar.text] = location.line
        }
        return scalar.text
    }

    private func tooDeep(_ location: SourceLocation) -> YAMLSyntaxError {
        YAMLSyntaxError(
            location: location, message: "nested deeper than \(Self.maximumDepth) levels")
    }

    private mutating func report(_ location: SourceLocation, _ message: String, hint: String? = nil) {
        problems.append(Problem(location: location, message: message, hint: hint))
    }
}
