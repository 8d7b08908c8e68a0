import Core
import Engine
import NIOCore

/// One client that follows one log: a cursor and a connection.
///
/// Lives on its connection's event loop and writes from there, so an event costs no task switch.
/// It writes only while the connection takes more, and keeps nothing that it has not written: a
/// slow client costs one portion of the log and what the kernel buffers.
final class StreamReader: @unchecked Sendable {
    // Everything that changes is touched on `channel.eventLoop` alone.
    let log: EventLog
    let channel: any Channel
    /// Where it stands among the readers of its log on this loop.
    var place: Int?
    private lazy var outlet = StreamOutlet(channel)
    private var connection: StreamConnection?
    private var cursor: Int64
    /// What stands before the first event; nil once it is written.
    private var preamble: StreamChunk?
    private var lastWrite = NIODeadline.now()
    /// It has been written all that there was.
    private var isAtNewest = false
    private var isPumping = false
    private var end: End?
    private var whenOver: ((End) -> Void)?

    /// Bytes that were written, and how many of those the client is known to have taken.
    private var written = 0
    private var taken = 0
    private var lastTaken = NIODeadline.now()

    /// Why a stream has ended.
    enum End: String, CaseIterable {
        /// All of the log has been written.
        case finished
        /// The daemon stops, and the log goes on in the next one.
        case draining
        case clientLeft = "client_left"
        /// The client took nothing for too long.
        case stalled
    }

    init(log: EventLog, cursor: Int64, channel: any Channel, preamble: String) {
        self.log = log
        self.cursor = cursor
        self.channel = channel
        self.preamble = StreamChunk(preamble.utf8)
    }

    var isOver: Bool { end != nil }

    /// Calls `body` when the stream is over, which may be at once.
    func notify(whenOver body: @escaping (End) -> Void) {
        if let end { body(end) } else { whenOver = body }
    }

    func finish(_ reason: End) {
        guard end == nil else { return }
        end = reason
        outlet.whenRoom = nil
        outlet.close()
        // The connection may serve other requests.
        if let connection { channel.pipeline.syncOperations.removeHandler(connection, promise: nil) }
        connection = nil
        whenOver?(reason)
        whenOver = nil
    }

    /// Calls `whenWritable` whenever the connection takes bytes again, and `whenLeft` when its client has
    /// gone, which may be at once.
    func watch(whenWritable: @escaping () -> Void, whenLeft: @escaping () -> Void) {
        // Who is writing looks again by itself.
        let whenIdle = { [weak self] in if self?.isPumping == false { whenWritable() } }
        let watch = StreamConnection(
            isWritable: channel.isWritable, leavesWithInput: outlet.isHTTP1, whenWritable: whenIdle,
            whenLeft: whenLeft)
        connection = watch
        outlet.whenRoom = whenIdle
        outlet.limitUnsentBytes()
        do {
            try channel.pipeline.syncOperations.addHandler(watch, position: .first)
        } catch {
            return whenLeft()  // the connection is closed already
        }
        if !channel.isActive { whenLeft() }
    }

    /// Asked for each event, so without a way through the channel.
    private var isWritable: Bool { connection?.isWritable == true && !outlet.isFull }

    /// Writes what has come, as far as the connection takes it; true when that was the last of it.
    func pump(_ portions: inout StreamPortions) -> Bool {
        guard end == nil else { return false }
        isAtNewest = false
        isPumping = true
        defer { isPumping = false }
        while isWritable {
            let portion = portions.portion(of: log, after: cursor)
            if let chunk = portion.chunk {
                cursor = portion.cursor
                write(chunk)
                // Each, or a connection with TLS would take all of a log without knowing how much it holds.
                outlet.flush()
            }
            // Not looked for once more: what comes from now on rings the bell again.
            if portion.isNewest {
                isAtNewest = true
                return portion.isOver
            }
        }
        return false
    }

    // MARK: The direct line

    /// The connection's socket, if events may be written to it past the loop.
    var directDescriptor: CInt? {
        guard end == nil, isAtNewest, preamble == nil, isWritable, outlet.bufferedBytes == 0 else { return nil }
        return outlet.descriptor
    }

    var position: DirectLine.Position { .init(cursor: cursor, lastWrite: lastWrite) }

    /// Goes on where the line has come to.
    func resume(at position: DirectLine.Position) {
        (cursor, lastWrite) = (position.cursor, position.lastWrite)
        guard !position.rest.isEmpty, end == nil else { return }
        written += outlet.write(framed: ByteBuffer(bytes: position.rest))
        outlet.flush()
    }

    private func write(_ chunk: StreamChunk) {
        if let first = preamble {
            written += outlet.write(first)
            preamble = nil
        }
        written += outlet.write(chunk)
        lastWrite = .now()
    }

    /// Says something if there was silence for so long; true when the client has taken nothing for
    /// longer than `patience`.
    func tick(now: NIODeadline, silence: TimeAmount, patience: TimeAmount) -> Bool {
        guard end == nil else { return false }
        noteWhatWasTaken(now: now)
        if lastTaken + patience <= now { return true }
        guard lastWrite + silence <= now, isWritable else { return false }
        write(Self.heartbeat)
        outlet.flush()
        return false
    }

    private static let heartbeat = StreamChunk(ServerSentEvent.heartbeat)

    private func noteWhatWasTaken(now: NIODeadline) {
        let waiting = outlet.bufferedBytes ?? (isWritable ? 0 : written)
        guard waiting == 0 || written - waiting > taken else { return }
        taken = written - waiting
        lastTaken = now
    }
}

/// What readers are given in one round: those who are at the same place share the bytes.
struct StreamPortions {
    struct Portion {
        /// Nil when nothing has come.
        var chunk: StreamChunk?
        /// The number of the last event in it.
        var cursor: Int64
        /// There was nothing behind it.
        var isNewest: Bool
        /// And nothing will come.
        var isOver: Bool
    }

    private var last: (log: RunID, cursor: Int64, portion: Portion)?

    /// Bytes that a connection is handed at once, unless a single event is longer.
    private static let size = 32 << 10

    mutating func portion(of log: EventLog, after cursor: Int64) -> Portion {
        if let last, last.cursor == cursor, last.log == log.runID { return last.portion }
        let part = log.read(after: cursor, bytes: Self.size)
        let size = part.entries.reduce(0) { $0 + $1.block.count }
        let chunk =
            size == 0
            ? nil : StreamChunk(size: size) { buffer in part.entries.forEach { buffer.writeBytes($0.block) } }
        let portion = Portion(
            chunk: chunk, cursor: part.entries.last?.sequence ?? cursor, isNewest: part.isNewest,
            isOver: part.isOver)
        last = (log.runID, cursor, portion)
        return portion
    }
}
