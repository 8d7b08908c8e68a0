import Foundation
import Logging

/// Writes log lines to stderr on a thread of its own.
///
/// Whoever logs never waits: a terminal that was stopped, or a pipe that nobody reads, must not
/// hold up runs.  What does not fit is dropped, and the next line that gets through says how much.
final class LogWriter: @unchecked Sendable {
    /// In bytes.
    private static let limit = 4 << 20

    // `condition` guards the fields.
    private let condition = NSCondition()
    private var waiting: [UInt8] = []
    private var dropped = 0
    private var isWriting = false

    static let standardError = LogWriter()

    private init() {
        let thread = Thread { [unowned self] in run() }
        thread.name = "log"
        thread.start()
    }

    func write(_ line: String) {
        condition.lock()
        if waiting.count + line.utf8.count > Self.limit {
            dropped += 1
        } else {
            if dropped > 0 { waiting += "… \(dropped) log lines were dropped: nobody read them\n".utf8 }
            dropped = 0
            waiting += line.utf8
            condition.broadcast()
        }
        condition.unlock()
    }

    /// Waits until everything is written, but no longer than this.
    func flush(atMost patience: TimeInterval) {
        let deadline = Date(timeIntervalSinceNow: patience)
        condition.lock()
        while !waiting.isEmpty || isWriting, condition.wait(until: deadline) {}
        condition.unlock()
    }

    private func run() {
        while true {
            condition.lock()
            isWriting = false
            condition.broadcast()
            while waiting.isEmpty { condition.wait() }
            let lines = waiting
            waiting = []
            isWriting = true
            condition.unlock()
            // Without stderr there is nobody to tell.
            try? FileHandle.standardError.write(contentsOf: lines)
        }
    }
}

/// A line an event, as swift-log's own handler writes it: time, level, label, metadata, source,
/// message.
struct LineLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    let label: String
    let writer: LogWriter

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        writer.write("\(Self.timestamp) \(event.level) \(label):\(pairs) [\(event.source)] \(event.message)\n")
    }

    /// Local time with its offset: `2026-11-22T20:43:54+0000`.
    private static var timestamp: String {
        var now = Foundation.time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let size = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S%z", &parts)
        return String(decoding: text.prefix(size).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
