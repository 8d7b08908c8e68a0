import PluginKit

/// Fetches what hangs on one task, list or chat.
struct RemarkFetch: Sendable {
    let call: ImportCall
    let client: ClickUpClient
    let documents: Documents
    let entry: Remarked
    let journal: Journal
    /// Where the entry ends in the queue.
    let end: Int64

    /// In a page of comments; a shorter one is the last.
    private static let pageSize = 25

    private var path: String { "/api/v2/\(entry.kind.rawValue)/\(ClickUpClient.escape(entry.id))" }
    private var parent: Document.Reference { .init(entry.kind.collection, entry.id) }

    /// All comments, the newest first, each with its replies; then what was not among them is gone.
    func comments() async throws {
        var mark = await journal.commentMark(of: end)
        var seen: Set<String> = []
        var missing: UpstreamError?
        while true {
            let answer = try await client.get("\(path)/comment", mark?.query ?? [])
            let page = try answer.list("comments")
            let fresh = page.filter { $0["id"]?.text.map { seen.insert($0).inserted } ?? false }
            for comment in fresh {
                do {
                    try await store(comment)
                } catch let error as UpstreamError where !error.endsRun {
                    // Its replies; the other comments are there all the same.
                    missing = error
                }
            }
            guard page.count >= Self.pageSize, let last = page.last, let id = last["id"]?.text,
                let date = last["date"]?.text
            else { break }
            if fresh.isEmpty {
                throw UpstreamError(kind: .invalidAnswer, message: "ClickUp repeats a page of these comments.")
            }
            let next = CommentMark(date: date, id: id)
            try await journal.commentsReached(next, of: end)
            mark = next
        }
        if let missing { throw missing }
        try call.complete(.comments, scope: entry.scope)
    }

    private func store(_ comment: JSONValue) async throws {
        guard let document = documents.comment(comment, below: parent, scope: entry.scope, path: [entry.name]) else {
            return
        }
        try call.storeOrReport(document)
        guard (comment["reply_count"]?.integer ?? 0) > 0 else { return }
        let answer = try await client.get("/api/v2/comment/\(ClickUpClient.escape(document.id))/reply")
        for reply in try answer.list("comments") {
            let below = Document.Reference(.comments, document.id)
            if let document = documents.comment(reply, below: below, scope: entry.scope, path: [entry.name]) {
                try call.storeOrReport(document)
            }
        }
    }

    /// Only the answer for a single task tells of its attachments.
    func attachments() async throws {
        let answer = try await client.get(path)
        // Nobody says that a task without any has this, or that one whose are left out has not.
        guard let attachments = answer["attachments"]?.array else { return }
        for attachment in attachments where attachment["deleted"]?.bool != true {
            if let document = documents.attachment(attachment, of: entry.id, path: [entry.name]) {
                try call.storeOrReport(document)
            }
        }
        try call.complete(.attachments, scope: entry.id)
    }
}

extension RemarksImport {
    /// Comments that cannot be had are a failure, and what is stored of them stays.
    ///
    /// - Parameter end: of the entry in the queue.
    func fetch(_ entry: Remarked, _ end: Int64) async throws -> Outcome {
        let one = RemarkFetch(
            call: call, client: client, documents: documents, entry: entry, journal: journal, end: end)
        var outcome = Outcome.done
        if settings.selection.wants(.comments) {
            outcome = try await attempt(.comments, entry) { try await one.comments() }
        }
        if entry.kind == .task, settings.selection.wants(.attachments) {
            let second = try await attempt(.attachments, entry) { try await one.attachments() }
            if case .failed = second { outcome = second }
        }
        return outcome
    }

    private func attempt(
        _ collection: Collection, _ entry: Remarked, _ body: () async throws -> Void
    ) async throws -> Outcome {
        do {
            try await body()
        } catch let error as UpstreamError where !error.endsRun {
            // About no comment that has a name, and of those of other entries nothing is known to be wrong.
            call.report(
                .failed, collection, code: error.code,
                "The \(collection.rawValue) of \(entry.kind.collection.name(of: entry.id, entry.name)) could not all "
                    + "be had. \(error.message)")
            // What is not there any more will not be there the next time.
            return error.kind == .notFound ? .done : .failed(error)
        }
        return .done
    }
}
