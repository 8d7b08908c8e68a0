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
    /// Done entries after which the checkpoint follows.
    private static let stride = 25

    enum Outcome: Sendable {
        case done
        /// Worth another try in the next import.
        case failed(UpstreamError)
    }

    private typealias Group = ThrowingTaskGroup<(Int, Remarked, Outcome), any Error>

    func run() async throws {
        guard let mark = journal.queue.mark else { return }
        call.progress(
            "importing_comments", "Importing comments of \(Self.counted(mark))...", count: Int(mark.done),
            total: Int(mark.count))
        // Before the first request: so the host knows which requests this takes, and can tell when it ends.
        call.progress("storing_comments", "Storing comments...", count: Int(mark.done), total: Int(mark.count))
        let failed = try await withThrowingTaskGroup(of: (Int, Remarked, Outcome).self) { group in
            try await work(through: &group, mark)
        }
        try journal.queue.end(leaving: failed)
        call.progress(
            "comments_complete", "Comments import complete: \(Self.counted(mark)) processed",
            count: Int(mark.count), total: Int(mark.count))
    }

    private static func counted(_ mark: QueueMark) -> String {
        mark.count == 1 ? "1 task or list" : "\(mark.count) tasks and lists"
    }

    private func work(through group: inout Group, _ mark: QueueMark) async throws -> [Remarked] {
        var line = WorkLine<Remarked>(mark)
        var failed: [Remarked] = []
        var unreachable = 0
        for _ in 0..<settings.maximumConcurrentRequests { try start(&line, &group) }
        while let (number, entry, outcome) = try await group.next() {
            if case .failed(let error) = outcome {
                if failed.count < Self.mostRetries { failed.append(entry) }
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
            if line.reached.count >= Self.stride {
                try await reached(&line)
            }
            try start(&line, &group)
        }
        try await reached(&line)
        return failed
    }

    private func reached(_ line: inout WorkLine<Remarked>) async throws {
        journal.queue.done(upTo: line.reached.offset, count: line.reached.count)
        line.reached.count = 0
        try await journal.remarksReached(line.reached.offset)
    }

    private func start(_ line: inout WorkLine<Remarked>, _ group: inout Group) throws {
        guard let (number, entry, end) = try line.next(of: journal.queue) else { return }
        group.addTask { (number, entry, try await fetch(entry, end)) }
    }
}
