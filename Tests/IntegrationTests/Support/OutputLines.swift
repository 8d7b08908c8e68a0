import Foundation

/// What a process writes to one of its descriptors, line by line, while it writes it.
final class OutputLines: @unchecked Sendable {
    // Guarded by `condition`.
    private var collected: [UInt8] = []
    private var isOver = false
    private let condition = NSCondition()

    /// Reads to the end on a thread of its own and closes the descriptor.
    init(reading descriptor: CInt) {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                add(buffer[..<count])
            }
            close(descriptor)
            add(nil)
        }
    }

    private func add(_ bytes: ArraySlice<UInt8>?) {
        condition.withLock {
            if let bytes { collected += bytes } else { isOver = true }
            condition.broadcast()
        }
    }

    var bytes: [UInt8] { condition.withLock { collected } }
    /// Everything so far.
    var text: String { String(decoding: bytes, as: UTF8.self) }
    /// All complete lines so far, and what is after the last.
    var lines: [String] { text.split(separator: "\n").map(String.init) }

    /// The first line that fits, once it is there as a whole.
    @discardableResult
    func line(
        within limit: Duration = patience, where fits: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        let deadline = Date(timeIntervalSinceNow: limit.seconds)
        return try await blocking { [self] in
            condition.lock()
            defer { condition.unlock() }
            while true {
                let whole = collected[..<(collected.lastIndex(of: 10).map { $0 + 1 } ?? 0)]
                let lines = String(decoding: whole, as: UTF8.self).split(separator: "\n").map(String.init)
                if let line = lines.first(where: fits) { return line }
                guard !isOver, condition.wait(until: deadline) else {
                    let all = String(decoding: collected, as: UTF8.self)
                    throw TimedOut(description: "the line did not come; there was:\n\(all)")
                }
            }
        }
    }

    /// Everything that was written, once all that could write is gone.
    func end(within limit: Duration = patience) async throws -> String {
        let deadline = Date(timeIntervalSinceNow: limit.seconds)
        return try await blocking { [self] in
            condition.lock()
            defer { condition.unlock() }
            while !isOver {
                guard condition.wait(until: deadline) else {
                    throw TimedOut(description: "the output is still open")
                }
            }
            return String(decoding: collected, as: UTF8.self)
        }
    }
}
