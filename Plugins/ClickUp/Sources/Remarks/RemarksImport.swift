import PluginKit

/// The second phase: comments with their replies, and attachments, of everything in the queue.
struct RemarksImport: Sendable {
    let call: ImportCall
    let client: ClickUpClient
    let settings: Settings
    let documents: Documents
    let journal: Journal

    /// With so many in a row unreachable after all their retries, the rest would be too.
    private static let hopeless = 20
    /// What failed and is tried again by the next import; more than this are not remembered.
    private static let mostRetries = 1_000
    /// What failed so often waits until all tasks are listed again: a refusal stays one for long.
    private static let patience = 2
    /// Done entries after which the checkpoint follows, or milliseconds: where a limit binds, entries are few.
    private static let stride = (count: 25, time: Int64(1_000))

    enum Outcome: Sendable {
        case done
        /// Worth another try in the next import.
        case failed(UpstreamError)
    }

    private typealias Group = ThrowingTaskGroup<(Int, Remarked, Outcome), any Error>

    func run() async throws {
        guard let mark = journal.queue.mark else { return }
        guard try hasDue(from: mark.offset) else { return sayLater(Int(mark.count - mark.done)) }
        call.progress(
            "importing_comments", "Importing comments of \(Self.counted(mark))...", count: Int(mark.done),
            total: Int(mark.count))
        // Before the first request: so the host knows which requests this takes, and can tell when it ends.
        call.progress("storing_comments", "Storing comments...", count: Int(mark.done), total: Int(mark.count))
        let left = try await withThrowingTaskGroup(of: (Int, Remarked, Outcome).self) { group in
            try await work(through: &group, mark)
        }
        let waiting = left.count { !isDue($0) }
        if waiting > 0 { sayLater(waiting) }
        try journal.queue.end(leaving: left)
        call.progress(
            "comments_complete", "Comments import complete: \(Self.counted(mark)) processed",
            count: Int(mark.count), total: Int(mark.count))
    }

    private static func counted(_ mark: QueueMark) -> String {
        mark.count == 1 ? "1 task or list" : "\(mark.count) tasks and lists"
    }

    private func isDue(_ entry: Remarked) -> Bool {
        entry.failures < Self.patience || journal.mode == .enumeration
    }

    private func hasDue(from start: Int64) throws -> Bool {
        var offset = start
        while true {
            let (entries, next) = try journal.queue.read(from: offset)
            if entries.contains(where: { isDue($0.entry) }) { return true }
            guard next > offset else { return false }
            offset = next
        }
    }

    private func sayLater(_ count: Int) {
        call.report(
            .note, .comments, code: "tried-later",
            "Comments or attachments that could not be had \(Self.patience) times in a row wait until all tasks are "
                + "listed again (sweep): of tasks and lists \(count).")
    }

    private func work(through group: inout Group, _ mark: QueueMark) async throws -> [Remarked] {
        var line = WorkLine<Remarked>(mark)
        var left: [Remarked] = []
        var unreachable = 0
        var lastReached = client.serverTime
        for _ in 0..<settings.maximumConcurrentRequests { try start(&line, &group, &left) }
        while let (number, entry, outcome) = try await group.next() {
            if case .failed(let error) = outcome {
                var again = entry
                again.failures += 1
                Self.leave(again, in: &left)
                unreachable += error.kind == .unavailable ? 1 : 0
                if unreachable >= Self.hopeless { throw error }
            } else {
                unreachable = 0
            }
            line.ended(number)
            let done = Int(mark.done) + line.endedCount
            call.progress(
                "storing_comments", "Storing comments of: \(Excerpt.line(entry.name, limit: 200))", count: done,
                total: Int(mark.count))
            let now = client.serverTime
            let least = now - lastReached < Self.stride.time ? Self.stride.count : 1
            if line.reached.count >= least {
                lastReached = now
                try await reached(&line)
            }
            try start(&line, &group, &left)
        }
        try await reached(&line)
        return left
    }

    private static func leave(_ entry: Remarked, in left: inout [Remarked]) {
        if left.count < mostRetries { left.append(entry) }
    }

    private func reached(_ line: inout WorkLine<Remarked>) async throws {
        journal.queue.done(upTo: line.reached.offset, count: line.reached.count)
        line.reached.count = 0
        try await journal.remarksReached(line.reached.offset)
    }

    /// Starts the next entry that is due; those before it are left for later.
    private func start(_ line: inout WorkLine<Remarked>, _ group: inout Group, _ left: inout [Remarked]) throws {
        while let (number, entry, end) = try line.next(of: journal.queue) {
            guard isDue(entry) else {
                Self.leave(entry, in: &left)
                line.ended(number)
                continue
            }
            return group.addTask { (number, entry, try await fetch(entry, end)) }
        }
    }
}
