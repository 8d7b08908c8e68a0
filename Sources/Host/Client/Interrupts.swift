import Core
import Glibc

/// Counts signals of a person, such as Ctrl-C, and lets a thread that blocks wait for the next one.
package final class Interrupts: Sendable {
    /// Readable while there is one that nobody has taken.
    package let descriptor: Int32
    private let writeEnd: Int32

    package init() {
        var ends: [Int32] = [-1, -1]
        // Without descriptors nothing can be asked anyway, and that says why.
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (descriptor, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(writeEnd)
    }

    /// One more.  May be called from any thread.
    package func add() {
        var one: UInt8 = 1
        _ = write(writeEnd, &one, 1)
    }

    /// Takes one; false if there is none.
    @discardableResult
    package func take() -> Bool {
        var one: UInt8 = 0
        return read(descriptor, &one, 1) > 0
    }

    /// Waits for one without taking it; false when the time is over.
    package func wait(atMost limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&one, 1, Int32(clamping: max(0, left.wholeMilliseconds + 1)))
            if count > 0 { return true }
            if count == 0 || errno != EINTR { return false }
        }
    }
}
