/// The text of server-sent events: WHATWG HTML, section 9.2.
package enum ServerSentEvent {
    /// One block with its blank line.  `id` and `event` must not hold line breaks or NUL, and lose
    /// them if they do; `data` may hold any.
    package static func block(
        id: String, event: String, data: String, retryMilliseconds: Int? = nil
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.utf8.count + 96)
        if let retryMilliseconds { field("retry", String(retryMilliseconds), to: &bytes) }
        field("id", oneLine(id), to: &bytes)
        field("event", oneLine(event), to: &bytes)
        if hasLineBreak(data) {
            lines(of: data) { field("data", $0, to: &bytes) }
        } else {
            field("data", data, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// The same for data that is written in place and holds no line break, as JSON does not.
    ///
    /// - Parameter idStart: what the id has before its number.
    package static func block(
        idStart: [UInt8], number: Int64, event: String, data: (inout [UInt8]) -> Void
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(384)
        bytes.append(contentsOf: "id: ".utf8)
        bytes.append(contentsOf: idStart)
        bytes.append(contentsOf: String(number).utf8)
        bytes.append(UInt8(ascii: "\n"))
        field("event", event, to: &bytes)
        bytes.append(contentsOf: "data: ".utf8)
        data(&bytes)
        bytes.append(contentsOf: "\n\n".utf8)
        return bytes
    }

    /// A comment without a blank line: keeps a connection alive and fires nothing.
    package static let heartbeat: [UInt8] = Array(":\n".utf8)

    private static func field(_ name: String, _ value: some StringProtocol, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: ": ".utf8)
        bytes.append(contentsOf: value.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func oneLine(_ text: String) -> String {
        guard has(text, { $0 == 10 || $0 == 13 || $0 == 0 }) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { ![10, 13, 0].contains($0.value) }))
    }

    private static func hasLineBreak(_ text: String) -> Bool { has(text) { $0 == 10 || $0 == 13 } }

    private static func has(_ text: String, _ wanted: (UInt8) -> Bool) -> Bool {
        var text = text
        return text.withUTF8 { $0.contains(where: wanted) }
    }

    /// A line ends at CR LF, at LF and at CR.
    private static func lines(of text: String, _ body: (Substring) -> Void) {
        var rest = text[...]
        while let end = rest.utf8.firstIndex(where: { $0 == 10 || $0 == 13 }) {
            body(rest[..<end])
            let next = rest.utf8.index(after: end)
            let isPair = rest.utf8[end] == 13 && next < rest.endIndex && rest.utf8[next] == 10
            rest = rest[(isPair ? rest.utf8.index(after: next) : next)...]
        }
        body(rest)
    }
}
