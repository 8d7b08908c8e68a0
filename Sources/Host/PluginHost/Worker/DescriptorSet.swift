import Core
import Glibc
import Worker

/// Descriptors of which a thread waits for any to have something.  Used by one thread, but for `add` and `remove`,
/// which others may call while it waits.
final class DescriptorSet: @unchecked Sendable {
    private let set: CInt
    /// The only one of which that is wanted.
    private var waitsForRoom: CInt = -1
    private var ready = [CInt](repeating: -1, count: 8)

    init() throws(RunFailure) {
        set = system_set()
        guard set >= 0 else { throw .noDescriptors(errno) }
    }

    deinit { close(set) }

    /// The descriptor stays the caller's, who removes it before it is closed; -1 is nothing to wait for.
    func add(_ descriptor: CInt) {
        if descriptor >= 0 { _ = system_watch(set, descriptor) }
    }

    func remove(_ descriptor: CInt) {
        if descriptor >= 0 { system_unwatch(set, descriptor) }
    }

    /// Whether the descriptor, which is in the set, also has something when it takes bytes.
    func alsoWait(forRoomIn descriptor: CInt, _ waits: Bool) {
        guard waits != (waitsForRoom == descriptor) else { return }
        waitsForRoom = waits ? descriptor : -1
        system_watch_room(set, descriptor, waits)
    }

    /// Those that can be read or have ended, as soon as there are any; none when the time is over, nil when
    /// a signal came.
    func wait(milliseconds: Int64) -> ArraySlice<CInt>? {
        let capacity = CInt(ready.count)
        let count = ready.withUnsafeMutableBufferPointer {
            system_wait(set, $0.baseAddress, capacity, CInt(clamping: max(0, milliseconds)))
        }
        return count < 0 ? nil : ready[..<Int(count)]
    }
}

extension RunFailure {
    static func noDescriptors(_ code: CInt) -> Self {
        RunFailure(
            .internal, "No descriptors for a worker: \(String(cString: strerror(code))).",
            hint: "Raise the limit of open files (ulimit -n).", isRetryable: true)
    }
}
