/// Reads `text/event-stream` as WHATWG HTML, section 9.2.6 says, however the bytes are cut.
struct SSEParser {
    /// What a page would be told.
    struct Event: Sendable, Equatable {
        /// `message` where the stream names no other.
        var type: String
        var data: String
        var lastEventID: String
    }

    /// The last `id` that came, which stays for blocks without one.
    private(set) var lastEventID = ""
    /// In milliseconds.
    private(set) var retry: Int?
    /// Comments, without their colon.
    private(set) var comments: [String] = []

    private var line: [UInt8] = []
    private var isAfterCarriageReturn = false
    private var isFirstLine = true
    private var type = ""
    private var data = ""
    private var idBuffer = ""

    /// Takes the next bytes and returns what they complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            defer { isAfterCarriageReturn = byte == 13 }
            switch byte {
            case 10 where isAfterCarriageReturn: continue  // the second half of CR LF
            case 10, 13: if let event = endLine() { events.append(event) }
            default: line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isFirstLine = false
        let text = String(decoding: line, as: UTF8.self)
        line.removeAll(keepingCapacity: true)
        guard !text.isEmpty else { return dispatch() }
        // Characters are no unit here: a combining mark after the colon belongs to the value.
        let scalars = text.unicodeScalars
        guard let colon = scalars.firstIndex(of: ":") else {
            take(text, "")
            return nil
        }
        var value = scalars[scalars.index(after: colon)...]
        guard colon != scalars.startIndex else {
            comments.append(String(value))
            return nil
        }
        if value.first == " " { value.removeFirst() }
        take(String(scalars[..<colon]), String(value))
        return nil
    }

    private mutating func take(_ field: String, _ value: String) {
        switch field {
        case "event": type = value
        case "data": data += value + "\n"
        case "id": if !value.unicodeScalars.contains("\0") { idBuffer = value }
        case "retry": if !value.isEmpty, value.utf8.allSatisfy({ (48...57).contains($0) }) { retry = Int(value) }
        default: return
        }
    }

    private mutating func dispatch() -> Event? {
        defer { (type, data) = ("", "") }
        lastEventID = idBuffer
        guard !data.isEmpty else { return nil }
        data.unicodeScalars.removeLast()
        return Event(type: type.isEmpty ? "message" : type, data: data, lastEventID: lastEventID)
    }
}

extension SSEParser.Event {
    /// The body of an event of ours.
    var json: JSON {
        get throws { try JSON(data) }
    }

    /// The step of a progress event.
    var step: String? { (try? json)?["step"]?.string }  // an event without JSON has no step
    var isTerminal: Bool { type == "complete" || type == "error" }
}
