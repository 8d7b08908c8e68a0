/// A reader of `text/event-stream` as WHATWG HTML 9.2 describes it, one byte at a time: what a
/// browser makes of the server's bytes.
struct EventStreamParser {
    struct Event: Equatable {
        var id: String
        var event: String
        var data: String
    }

    private(set) var events: [Event] = []
    private(set) var retry: Int?
    private(set) var lastEventID = ""

    private var line: [UInt8] = []
    private var lastWasCR = false
    private var event = ""
    private var data: [String] = []

    /// What a client that reads these bytes in one go sees.
    static func events(in bytes: some Sequence<UInt8>) -> [Event] {
        var parser = Self()
        parser.take(bytes)
        return parser.events
    }

    mutating func take(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            defer { lastWasCR = byte == 13 }
            switch byte {
            case 10 where lastWasCR: continue
            case 10, 13:
                process(String(decoding: line, as: UTF8.self))
                line = []
            default: line.append(byte)
            }
        }
    }

    private mutating func process(_ line: String) {
        if line.isEmpty { return dispatch() }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count > 1 ? String(parts[1]) : ""
        if value.unicodeScalars.first == " " { value.unicodeScalars.removeFirst() }
        switch parts[0] {
        case "event": event = value
        case "data": data.append(value)
        case "id" where !value.unicodeScalars.contains("\0"): lastEventID = value
        case "retry": retry = Int(value)
        default: return  // a comment, or a field that nobody knows
        }
    }

    private mutating func dispatch() {
        if !data.isEmpty {
            events.append(
                Event(id: lastEventID, event: event.isEmpty ? "message" : event, data: data.joined(separator: "\n")))
        }
        event = ""
        data = []
    }
}
