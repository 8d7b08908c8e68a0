import CYAML

/// One step of libyaml through the text.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case scalar(YAMLScalar)
        case alias(String)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    }

    var kind: Kind
    var span: SourceSpan
    var anchor: String?
    var hasTag = false
}

/// Why the text is not YAML that is read here.  Nothing after it can be judged.
struct YAMLSyntaxError: Error {
    var location: SourceLocation
    var message: String
    var hint: String?
    /// Where the scalar begins that the error is within; its key may be out of sight.
    var beginOfScalar: SourceLocation?
}

/// libyaml's parser, the only use of libyaml in the program.
final class YAMLEvents {
    private let source: SourceText
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)

    init(_ bytes: [UInt8], source: SourceText) {
        self.source = source
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        precondition(yaml_parser_initialize(parser) == 1, "out of memory")
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    func next() throws(YAMLSyntaxError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(event)
    }

    private func syntaxError() -> YAMLSyntaxError {
        let parser = parser.pointee
        let problem = parser.problem.map { String(cString: $0) } ?? "out of memory"
        if parser.error == YAML_READER_ERROR {
            let location = source.location(ofByte: parser.problem_offset)
            return YAMLSyntaxError(location: location, message: "not valid YAML: \(problem)")
        }
        let context = parser.context.map { String(cString: $0) } ?? ""
        let begin = SourceLocation(parser.context_mark)
        let isInsideScalar = context.contains("quoted scalar") || context.contains("block scalar")
        var location = SourceLocation(parser.problem_mark)
        // An opening quote is more telling than the end of the file.
        if isInsideScalar, problem.contains("end of stream") { location = begin }
        let place = begin.line == location.line ? "" : " that begins on line \(begin.line)"
        let during = context.isEmpty ? "" : ", \(context)\(place)"
        return YAMLSyntaxError(
            location: source.clamped(location), message: "not valid YAML: \(problem)\(during)",
            hint: Self.hint(problem: problem, context: context),
            beginOfScalar: isInsideScalar ? begin : nil)
    }

    /// What most often makes libyaml say so.
    private static func hint(problem: String, context: String) -> String? {
        let hints = [
            (
                "mapping values are not allowed",
                "check the indentation, and quote a value that contains \": \""
            ),
            (
                "cannot start any token",
                "indent with spaces, not tabs, and quote a value that begins with @, ` or %"
            ),
            ("alphabetic or numeric", "quote a value that begins with * or &, such as a cron line"),
            ("expected key", "check the indentation of this line and of the one before"),
            ("could not find expected ':'", "write `key: value`"),
            ("unexpected end of stream", "close the quote"),
            (
                "expected node content",
                "quote a value that begins with [ or {, such as \"[::1]:3001\""
            ),
            ("expected ',' or ']'", "close the bracket"),
            ("expected ',' or '}'", "close the brace"),
        ]
        if context.contains("alias") || context.contains("anchor") { return hints[2].1 }
        return hints.first { problem.contains($0.0) }?.1
    }
}

extension YAMLEvent {
    fileprivate init(_ event: yaml_event_t) {
        span = SourceSpan(
            start: SourceLocation(event.start_mark), end: SourceLocation(event.end_mark))
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        case YAML_ALIAS_EVENT: kind = .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            anchor = text(event.data.sequence_start.anchor)
            hasTag = event.data.sequence_start.tag != nil
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            anchor = text(event.data.mapping_start.anchor)
            hasTag = event.data.mapping_start.tag != nil
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            kind = .scalar(
                YAMLScalar(
                    text: String(decoding: bytes, as: UTF8.self),
                    isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.plain_implicit != 0))
            anchor = text(scalar.anchor)
            hasTag = scalar.tag != nil
        default: kind = .streamStart
        }
    }
}

private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
}

extension SourceLocation {
    /// libyaml counts from 0.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
