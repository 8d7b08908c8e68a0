/// A value of a YAML file and where it stands.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
        /// Its error is already reported; nothing more is to be said about it.
        case invalid
    }

    var content: Content
    /// An alias has the span of what it stands for: that is where a mistake is to be mended.
    var span: SourceSpan
    /// Nodes in it, itself included.
    var size = 1
    /// Levels in it, itself included.
    var height = 1

    var entries: [YAMLEntry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// What it is called in a message.
    var kind: String {
        switch content {
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .invalid: "an invalid value"
        }
    }

    /// Calls `visit` for each scalar in it.
    func forEachScalar(_ visit: (YAMLScalar, SourceSpan) -> Void) {
        switch content {
        case .scalar(let scalar): visit(scalar, span)
        case .sequence(let elements): for element in elements { element.forEachScalar(visit) }
        case .mapping(let entries): for entry in entries { entry.value.forEachScalar(visit) }
        case .invalid: break
        }
    }
}

struct YAMLScalar: Sendable {
    var text: String
    /// Without quotes, so that `123` is a number and `true` a boolean.
    var isPlain: Bool

    /// Whether nothing at all stands there, or one of the ways to write null.
    var isNull: Bool { isPlain && CoreValue(plain: text) == .null }
}

/// A key of a mapping and what stands there.
struct YAMLEntry: Sendable {
    var key: String
    var keySpan: SourceSpan
    var value: YAMLNode
}
