import Core
import Foundation
import Synchronization

/// Stands where a worker would: a test says what the plugin does.
final class FakeSession: PluginSession, PluginWaker, @unchecked Sendable {
    // `condition` guards everything below.
    private let condition = NSCondition()
    private var occurrences: [PluginOccurrence] = []
    private var isWoken = false
    private var isOver = false
    private var record = Record()
    private var reactions: [Request: [PluginOccurrence]] = [:]

    let call: PluginCall

    enum Request: Hashable { case cancel, terminate, kill, answer }

    /// What the host did to the session.
    struct Record {
        var requests: [Request] = []
        var answers: [Bool] = []
        /// Of `reserve`, in milliseconds.
        var waits: [Int64] = []
        var isEnded = false
    }

    init(_ call: PluginCall) { self.call = call }

    var recorded: Record { condition.withLock { record } }

    // MARK: For the test

    func say(_ messages: PluginMessage...) { add(messages.map { .said($0) }) }

    func progress(_ step: String, _ count: Int64? = nil, of total: Int64? = nil) {
        say(.progress(step: step, message: step, count: count, total: total))
    }

    func upsert(_ id: String, content: String = "", revision: String? = nil) {
        var draft = DocumentDraft(key: DocumentKey(collection: "items", externalID: id))
        draft.content = content
        draft.revision = revision
        say(.upsert(draft))
    }

    /// And then its process is gone.
    func returns(_ status: PluginStatus) { add([.said(.returned(status)), .ended]) }

    /// The worker is gone without a word.
    func vanish() { add([.ended]) }

    /// What happens when the host makes a request.
    func on(_ request: Request, _ occurrences: PluginOccurrence...) {
        condition.withLock { reactions[request] = occurrences }
    }

    private func add(_ more: [PluginOccurrence]) {
        condition.withLock {
            occurrences += more
            condition.broadcast()
        }
    }

    private func note(_ request: Request) {
        condition.withLock {
            record.requests.append(request)
            occurrences += reactions[request] ?? []
            condition.broadcast()
        }
    }

    // MARK: For the host

    var waker: any PluginWaker { self }

    func wake() {
        condition.withLock {
            isWoken = true
            condition.broadcast()
        }
    }

    func next(until deadline: ContinuousClock.Instant) throws(RunFailure) -> PluginOccurrence {
        condition.withLock {
            while true {
                if !occurrences.isEmpty { return occurrences.removeFirst() }
                if isWoken {
                    isWoken = false
                    return .woken
                }
                let left = ContinuousClock.now.duration(to: deadline).seconds
                if left <= 0 { return .deadlinePassed }
                _ = condition.wait(until: Date(timeIntervalSinceNow: left))
            }
        }
    }

    let plugin = "test"

    func answer(_ question: UInt32, _ value: Int64) {
        condition.withLock {
            record.answers.append(value == 1)
            record.waits.append(value)
        }
        note(.answer)
    }

    func cancel() { note(.cancel) }

    func terminate() -> Bool {
        note(.terminate)
        return true
    }

    func kill() -> Bool {
        note(.kill)
        return true
    }

    func end() -> PluginExit {
        condition.withLock { record.isEnded = true }
        return PluginExit(cause: .exited(code: 0), lastErrorLines: [])
    }
}

/// Launches fake sessions; each is also handed to the test, in the order of the launches.
final class FakeLauncher: PluginLauncher {
    typealias Script = @Sendable (FakeSession, _ attempt: Int) throws(RunFailure) -> Void

    let sessions: AsyncStream<FakeSession>
    private let launched: AsyncStream<FakeSession>.Continuation
    private let all = Mutex<[FakeSession]>([])
    private let script: Script

    init(_ script: @escaping Script) {
        self.script = script
        (sessions, launched) = AsyncStream.makeStream()
    }

    /// What `identify` says.
    let sha256 = Current("first content")
    func identify(_ integration: String) throws(RunFailure) -> String { sha256.value }

    var calls: [PluginCall] { all.withLock { $0.map(\.call) } }
    var launchedSessions: [FakeSession] { all.withLock { $0 } }

    func launch(
        _ call: PluginCall, unless isStopped: () -> Bool
    ) throws(RunFailure) -> any PluginSession {
        let session = FakeSession(call)
        let attempt = all.withLock {
            $0.append(session)
            return $0.count
        }
        try script(session, attempt)
        launched.yield(session)
        return session
    }
}
