import Glibc

/// Reads `text/event-stream` as WHATWG HTML, section 9.2.6 says, however the bytes are cut.
package struct EventStreamParser {
    package struct Event: Sendable, Equatable {
        /// `message` where the stream names no other.
        package var type: String
        package var data: String
        /// The last id that came, with this event or before it.
        package var id: String

        package init(type: String, data: String, id: String) {
            (self.type, self.data, self.id) = (type, data, id)
        }
    }

    /// How long the server asks clients to wait before they come back.
    package private(set) var retry: Duration?
    /// The bytes of a line, or of an event's data, are more than any daemon sends.
    package private(set) var isTooLong = false

    private var line: [UInt8] = []
    private var isAfterCarriageReturn = false
    private var isFirstLine = true
    private var type = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var id = ""

    private static let limit = 32 << 20

    package init() {}

    /// Takes the next bytes and returns the events that they complete.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) -> [Event] {
        var events: [Event] = []
        var rest = bytes[...]
        if isAfterCarriageReturn, rest.first == 10 { rest.removeFirst() }  // the second half of CR LF
        if !bytes.isEmpty { isAfterCarriageReturn = bytes.last == 13 }
        while let end = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
            line += rest[..<end]
            if let event = endLine() { events.append(event) }
            let isPair = rest[end] == 13 && end + 1 < rest.endIndex && rest[end + 1] == 10
            rest = rest[(isPair ? end + 2 : end + 1)...]
        }
        line += rest
        if line.count + data.count > Self.limit { isTooLong = true }
        return events
    }

    private mutating func endLine() -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isFirstLine = false
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        take(String(decoding: line[..<colon], as: UTF8.self), value)
        return nil
    }

    private mutating func take(_ field: String, _ value: ArraySlice<UInt8>) {
        switch field {
        case "event": type = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(10) }
            data += value
            hasData = true
        case "id": if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
        case "retry":
            guard !value.isEmpty, value.count <= 9, value.allSatisfy({ (48...57).contains($0) }) else { return }
            retry = Int64(String(decoding: value, as: UTF8.self)).map { .milliseconds($0) }
        default: return  // a comment, which has no name, or a field of another time
        }
    }

    private mutating func dispatch() -> Event? {
        defer {
            type = ""
            data.removeAll(keepingCapacity: true)
            hasData = false
        }
        guard hasData, !data.isEmpty else { return nil }
        return Event(type: type.isEmpty ? "message" : type, data: String(decoding: data, as: UTF8.self), id: id)
    }
}
