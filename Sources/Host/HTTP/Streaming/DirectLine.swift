import Engine
import Glibc
import NIOCore
import Synchronization

/// Lets whoever makes an event write it to a log's only reader, without waking the reader's event loop:
/// for an event that comes alone, and a connection that holds nothing back, that is most of the work.
///
/// The loop lends the connection while it has nothing to do for it, and recalls it before it does
/// anything for it again.  What the line cannot or need not write is the loop's as ever.
final class DirectLine: Sendable {
    /// What the loop has to know when it goes on.
    struct Position {
        /// The last event that the reader has been sent.
        var cursor: Int64
        var lastWrite: NIODeadline
        /// What the connection did not take of that event.
        var rest: [UInt8] = []
    }

    private struct State {
        /// -1: not lent.
        var descriptor: CInt = -1
        var position: Position?
        var lastNews = NIODeadline.uptimeNanoseconds(0)
    }

    private let state = Mutex(State())
    private let burst: TimeAmount

    /// - Parameter burst: events that come closer to each other are left to the loop, which joins them to one write.
    init(burst: TimeAmount = .milliseconds(1)) { self.burst = burst }

    /// - Parameter descriptor: a socket to which nothing is to be written that is not in the log; it has to
    ///   stay open until the line is recalled.
    func lend(_ descriptor: CInt, at position: Position) {
        state.withLock { ($0.descriptor, $0.position) = (descriptor, position) }
    }

    /// Where the reader is now; nil when nothing was lent.  Nothing is being written from then on.
    func recall() -> Position? {
        state.withLock { state in
            state.descriptor = -1
            return state.position.take()
        }
    }

    /// False: the loop has to look.  Never waits, but for another thread that recalls or lends.
    func write(_ news: EventLog.News) -> Bool {
        state.withLock { state in
            let now = NIODeadline.now()
            defer { state.lastNews = now }
            guard state.descriptor >= 0, state.position?.cursor == news.previous,
                !news.isOver, news.entries.count == 1, now - state.lastNews >= burst
            else { return false }
            let chunk = StreamChunk.framed(news.entries[0].block)
            let sent = chunk.withUnsafeBytes {
                send(state.descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
            }
            // Full, or gone: the loop finds out.
            guard sent > 0 else { return false }
            state.position?.cursor = news.entries[0].sequence
            state.position?.lastWrite = now
            guard sent < chunk.count else { return true }
            state.position?.rest = Array(chunk[sent...])
            state.descriptor = -1
            return false
        }
    }
}
