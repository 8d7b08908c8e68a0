import Core
import Engine
import NIOCore
import Synchronization

/// Lets clients follow logs, each from the event loop of its connection.
final class StreamHub: Sendable {
    private let settings: LoopStreams.Settings
    private let loops = Mutex<[ObjectIdentifier: LoopStreams]>([:])

    init(_ settings: LoopStreams.Settings) { self.settings = settings }

    /// Writes the log to the channel from behind `cursor`; returns when that is over.  A task that
    /// is cancelled is a client that has left.
    func follow(
        _ log: EventLog, after cursor: Int64, on channel: any Channel, preamble: String
    ) async -> StreamReader.End {
        let streams = streams(on: channel.eventLoop)
        let reader = StreamReader(log: log, cursor: cursor, channel: channel, preamble: preamble)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                channel.eventLoop.execute {
                    if !reader.isOver { streams.add(reader) }
                    reader.notify { continuation.resume(returning: $0) }
                }
            }
        } onCancel: {
            channel.eventLoop.execute { streams.remove(reader, because: .clientLeft) }
        }
    }

    private func streams(on loop: any EventLoop) -> LoopStreams {
        loops.withLock { loops in
            if let streams = loops[ObjectIdentifier(loop)] { return streams }
            let streams = LoopStreams(loop, settings)
            loops[ObjectIdentifier(loop)] = streams
            return streams
        }
    }
}
