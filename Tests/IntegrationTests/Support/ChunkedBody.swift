/// Takes `Transfer-Encoding: chunked` apart, however the bytes are cut.
struct ChunkedBody {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    private enum State: Equatable {
        case size([UInt8])
        case data(left: Int)
        /// The CR LF after a chunk.
        case afterData(left: Int)
        /// Lines after the last chunk, which end with an empty one.
        case trailer([UInt8])
        case over
    }

    private var state = State.size([])

    /// The last chunk has come: not merely the end of the connection.
    var isOver: Bool { state == .over }

    mutating func decode(_ bytes: some Sequence<UInt8>) throws -> [UInt8] {
        var body: [UInt8] = []
        for byte in bytes {
            switch state {
            case .size(let line) where byte == 10: state = try Self.afterSize(line)
            case .size(let line): state = .size(line + [byte])
            case .data(let left):
                body.append(byte)
                state = left == 1 ? .afterData(left: 2) : .data(left: left - 1)
            case .afterData(let left):
                guard byte == (left == 2 ? 13 : 10) else { throw Malformed(description: "no CR LF after a chunk") }
                state = left == 1 ? .size([]) : .afterData(left: 1)
            case .trailer(let line) where byte == 10: state = line == [13] ? .over : .trailer([])
            case .trailer(let line): state = .trailer(line + [byte])
            case .over: throw Malformed(description: "bytes after the last chunk")
            }
        }
        return body
    }

    private static func afterSize(_ line: [UInt8]) throws -> State {
        let text = String(decoding: line, as: UTF8.self)
        guard text.hasSuffix("\r"), let size = Int(text.dropLast().prefix { $0 != ";" }, radix: 16) else {
            throw Malformed(description: "\"\(text)\" is no chunk's size")
        }
        return size == 0 ? .trailer([]) : .data(left: size)
    }
}
