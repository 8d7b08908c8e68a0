import Core
import Engine
import NIOCore
import Synchronization

/// Lets clients follow logs, each from the event loop of its connection.
final class StreamHub: Sendable {
    private let settings: LoopStreams.Settings
    private let loops = Mutex<[ObjectIdentifier: LoopStreams]>([:])

    init(_ settings: LoopStreams.Settings) { self.settings = settings }

    /// Lets the reader write its log to its channel; returns when that is over.
    func follow(_ reader: StreamReader) async -> StreamReader.End {
        let streams = streams(on: reader.channel.eventLoop)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                reader.channel.eventLoop.execute {
                    if !reader.isOver { streams.add(reader) }
                    reader.notify { continuation.resume(returning: $0) }
                }
            }
        } onCancel: {
            reader.channel.eventLoop.execute { streams.remove(reader, because: .clientLeft) }
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
