import Glibc
import Worker

/// Collects bytes from a socket and hands out whole frames.
///
/// Small until more comes at once than it holds.  Grows beyond what is usual only for a frame that needs it, never
/// beyond the longest that is allowed, and shrinks again afterwards.
package struct FrameBuffer: ~Copyable {
    private static let smallCapacity = 1024
    private static let usualCapacity = 256 * 1024

    private var storage = UnsafeMutableRawBufferPointer.allocate(
        byteCount: smallCapacity, alignment: 16)
    private var isSmall = true
    private var start = 0
    private var end = 0

    package init() {}

    deinit { storage.deallocate() }

    /// Calls `body` with the type and payload of the next frame; nil when it is not all here.
    package mutating func next<Result>(
        _ body: (UInt8, UnsafeRawBufferPointer) throws(MalformedFrame) -> Result
    ) throws(MalformedFrame) -> Result? {
        guard let length = try frameLength(), end - start >= 4 + length else { return nil }
        let frame = UnsafeRawBufferPointer(rebasing: storage[start + 4..<start + 4 + length])
        start += 4 + length
        return try body(frame[0], UnsafeRawBufferPointer(rebasing: frame.dropFirst()))
    }

    private func frameLength() throws(MalformedFrame) -> Int? {
        guard end - start >= 4 else { return nil }
        let length = UInt32(
            littleEndian: storage.loadUnaligned(fromByteOffset: start, as: UInt32.self))
        guard length >= 1, length <= FRAME_MAX_SIZE else {
            throw MalformedFrame(reason: "a frame of \(length) bytes")
        }
        return Int(length)
    }

    /// Reads what is there without waiting: true with bytes or none yet, false at the end.
    package mutating func fill(from socket: CInt) throws(MalformedFrame) -> Bool {
        makeRoom(for: (try frameLength() ?? 0) + 4)
        let free = UnsafeMutableRawBufferPointer(rebasing: storage[end...])
        let count = recv(socket, free.baseAddress, free.count, CInt(MSG_DONTWAIT))
        if count > 0 {
            end += count
            if end == storage.count { isSmall = false }
            return true
        }
        return count < 0 && (errno == EAGAIN || errno == EINTR)
    }

    /// Little will come for a while.
    package mutating func rest() {
        guard !isSmall, start == end else { return }
        isSmall = true
        makeRoom(for: 0)
    }

    private mutating func makeRoom(for frame: Int) {
        let size = end - start
        let capacity = max(isSmall ? Self.smallCapacity : Self.usualCapacity, frame)
        if capacity != storage.count, size <= capacity {
            let other = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
            other.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[start..<end]))
            storage.deallocate()
            storage = other
        } else if start > 0 {
            storage.baseAddress?.copyMemory(from: storage.baseAddress! + start, byteCount: size)
        }
        start = 0
        end = size
    }
}
