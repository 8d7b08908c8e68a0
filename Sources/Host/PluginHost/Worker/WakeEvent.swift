import Core
import Glibc
import Synchronization
import Worker

/// A descriptor that becomes readable when some thread asks for attention.
final class WakeEvent: PluginWaker {
    /// -1 once closed; guarded so that no other file is written to.
    private let descriptor: Mutex<CInt>

    init() { descriptor = Mutex(system_event()) }

    deinit { close() }

    func wake() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { system_raise(descriptor) }
        }
    }

    /// For poll, on the thread that later closes it.
    var pollDescriptor: CInt { descriptor.withLock { $0 } }

    /// Takes note of all calls of `wake` so far.
    func clear() {
        descriptor.withLock { system_lower($0) }
    }

    func close() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { _ = Glibc.close(descriptor) }
            descriptor = -1
        }
    }
}
