package import Core

/// The events of one run, each once and in order, however often the connection is lost.
///
/// A stream that ends without a terminal event says nothing of the run: it is opened again behind the last event.
package struct RunStream: Sendable {
    package enum Update: Sendable {
        case event(RunEvent)
        /// The daemon answers, for the first time or again.
        case connected
        case lost(reason: String, retryIn: Duration)
    }

    package enum End: Sendable, Equatable {
        /// The run has ended like this.
        case over(RunStatus)
        /// The descriptor has become readable; the run goes on.
        case stopped
    }

    private let client: DaemonClient
    package let run: RunID
    /// The number of the last event that came.
    package private(set) var cursor: Int64 = 0
    /// How long a daemon may be away.
    private let patience: Duration
    private var backoff = Backoff()
    private var asked = Duration.zero
    private var silence = Self.shortestSilence
    private var random = SystemRandomNumberGenerator()

    /// 2.5 of the heartbeats that a daemon has by default.  One that is told to be slower is given more time
    /// each time.
    private static let shortestSilence = Duration.seconds(38)
    private static let longestSilence = Duration.seconds(600)

    package init(_ client: DaemonClient, run: RunID, patience: Duration) {
        self.client = client
        self.run = run
        self.patience = patience
    }

    /// Follows the run to its end; may be called again after it was stopped.  Blocks its thread.
    ///
    /// - Parameters:
    ///   - stop: ends it once it is readable.
    ///   - take: is given what comes, on this thread: while it is busy, the rest stays in the network.
    package mutating func follow(
        stop: Interrupts, _ take: (Update) throws -> Void
    ) throws -> End {
        var lastSign = ContinuousClock.now
        while true {
            let before = cursor
            do {
                if let end = try readOnce(stop: stop, take) { return end }
                throw ClientError(.broken, "the stream ended before the run did")
            } catch let error as ClientError {
                if error.kind == .stopped { return .stopped }
                if cursor > before {
                    lastSign = .now
                    backoff.succeeded()
                }
                guard error.isPassing, lastSign.duration(to: .now) < patience else { throw error }
                let pause = backoff.next(asked: max(asked, error.retryAfter ?? .zero), using: &random)
                try take(.lost(reason: error.message, retryIn: pause))
                if stop.wait(atMost: pause) { return .stopped }
            }
        }
    }

    /// One connection; nil when its body ended without the run's end.
    private mutating func readOnce(stop: Interrupts, _ take: (Update) throws -> Void) throws -> End? {
        var exchange = client.exchange("GET", "/runs/\(run)/events")
        exchange.headers.append("Accept: text/event-stream")
        if cursor > 0 { exchange.headers.append("Last-Event-ID: \(EventID(run: run, sequence: cursor))") }
        exchange.idle = silence
        exchange.stop = stop.descriptor
        var reading = Reading(cursor: cursor)
        defer {
            cursor = reading.cursor
            asked = reading.retry ?? asked
        }
        let start = ContinuousClock.now
        do {
            let head = try client.perform(exchange) { reading.take($0, $1, take) }
            if head.status == 204 { return .over(try statusOfEndedRun()) }
            guard head.status == 200 else {
                throw ClientError(head, body: reading.refusal, from: client.address)
            }
        } catch let error as ClientError {
            // The receiver ended it, and says why.
            if let failure = reading.failure { throw failure }
            if let status = reading.status { return .over(status) }
            if error.kind == .broken, start.duration(to: .now) >= silence {
                silence = min(silence * 2, Self.longestSilence)
            }
            throw error
        }
        return reading.status.map(End.over)
    }

    /// Nothing came after the cursor: what the run itself says.
    private func statusOfEndedRun() throws(ClientError) -> RunStatus {
        let answer = try client.get("/runs/\(run)")
        guard let status = answer["status"]?.stringValue.flatMap(RunStatus.init), status.isTerminal else {
            throw ClientError(.broken, "the daemon says that the run has no more events, and not how it ended")
        }
        return status
    }
}

extension RunStream {
    /// One connection's bytes on their way to events.
    private struct Reading {
        var cursor: Int64
        /// How the run ended, once it has.
        var status: RunStatus?
        /// What the receiver of the events threw.
        var failure: (any Error)?
        /// The body of an answer that is no stream.
        var refusal: [UInt8] = []
        var retry: Duration? { parser.retry }

        private var parser = EventStreamParser()
        private var isConnected = false
        private static let maximumRefusal = 1 << 20

        init(cursor: Int64) { self.cursor = cursor }

        /// False ends the connection.
        mutating func take(
            _ head: ResponseHead, _ bytes: UnsafeRawBufferPointer, _ take: (Update) throws -> Void
        ) -> Bool {
            guard head.status == 200 else {
                refusal += bytes.prefix(Self.maximumRefusal - refusal.count)
                return true
            }
            do {
                if !isConnected { try take(.connected) }
                isConnected = true
                for message in parser.feed(bytes) {
                    guard let event = RunEvent(message), event.sequence > cursor else { continue }
                    try take(.event(event))
                    cursor = event.sequence
                    if event.isTerminal { status = event.status }
                }
                if parser.isTooLong { throw ClientError(.foreign, "the stream holds an event without an end") }
            } catch {
                failure = error
            }
            return failure == nil && status == nil
        }
    }
}

extension RunEvent {
    /// nil: a kind of event that only a later version knows.
    init?(_ message: EventStreamParser.Event) {
        guard let kind = Kind(rawValue: message.type), let id = EventID(message.id) else { return nil }
        let step = (try? JSONValue(parsing: message.data))?["step"]?.stringValue  // none without JSON
        self.init(sequence: id.sequence, kind: kind, step: step ?? "", isReliable: true, body: message.data)
    }

    /// How a terminal event says that the run ended.
    package var status: RunStatus {
        let body = try? JSONValue(parsing: body)  // without JSON, the event's name has to do
        return body?["status"]?.stringValue.flatMap(RunStatus.init) ?? (kind == .complete ? .succeeded : .failed)
    }
}
