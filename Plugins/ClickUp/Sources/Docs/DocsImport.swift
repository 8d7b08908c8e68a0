import PluginKit

/// Imports all docs: many at a time, the listing one page ahead. Holds at most the docs of two
/// listing pages, and the pages of those docs only that are under way.
struct DocsImport {
    /// What a child task brings back.
    enum Event: Sendable {
        case listed(DocListingPage)
        case fetched(Doc)
        case missed(id: String, UpstreamError)
        /// With the number of the listing's page that the doc was on.
        case ended(DocOutcome, page: Int)
    }

    typealias Group = ThrowingTaskGroup<Event, any Error>

    /// With so many docs in a row unreachable after all their retries, the rest would be too.
    static let hopeless = 20

    let call: ImportCall
    let client: ClickUpClient
    let settings: Settings
    let documents: Documents
    let journal: Journal

    private var listing: DocListing
    /// Whether this run, in this attempt or an earlier one, has the listing from its beginning.
    private let isFromStart: Bool
    private var isListing = false
    private var pending: [(doc: Doc, page: Int)] = []
    private var progress = DocProgress()
    private var running = 0
    /// Listed, deleted ones aside; ended.
    private var total = 0
    private var ended = 0
    private var unreachable = 0

    private var selection: Selection { settings.selection }

    init(
        call: ImportCall, client: ClickUpClient, settings: Settings, documents: Documents, journal: Journal, now: Int64
    )
        async
    {
        self.call = call
        self.client = client
        self.settings = settings
        self.documents = documents
        self.journal = journal
        let mark = await journal.docsMark(now: now)
        isFromStart = mark == nil || !journal.isContinuation
        listing = DocListing(includeArchived: settings.selection.includesArchived, from: mark)
    }

    /// Asks for the next page of the listing, unless one is on its way or two wait already.
    mutating func prefetch(_ group: inout Group) {
        guard !selection.isOfSingles, !isListing, pending.count <= 100, let query = listing.query else { return }
        isListing = true
        let path = "\(docsPath)"
        group.addTask { [client] in .listed(try DocListingPage(try await client.get(path, query))) }
    }

    private var docsPath: String { "/api/v3/workspaces/\(ClickUpClient.escape(settings.workspaceID))/docs" }

    /// Everything from the first page, perhaps under way already, to the last doc.
    ///
    mutating func run(_ group: inout Group, resolver: SpaceResolver, complete: Completion) async throws {
        let one = DocImport(
            call: call, client: client, documents: documents, resolver: resolver,
            isFull: journal.isFull)
        announceFetching()
        if selection.isOfSingles { fetchSingles(&group) } else { prefetch(&group) }
        while let event = try await group.next() {
            switch event {
            case .listed(let page): try await accept(page, resolver)
            case .fetched(let doc):
                total += 1
                pending.append((doc, 0))
            case .missed(let id, let error): one.report(id, .docs, code: error.code, error.message)
            case .ended(let outcome, let page):
                try count(outcome)
                try await reached(page, outcome)
            }
            start(one, &group)
            prefetch(&group)
        }
        try finish(complete)
    }

    /// Docs that were chosen one by one.
    private func fetchSingles(_ group: inout Group) {
        for id in selection.only.docs.subtracting(selection.without.docs).sorted() {
            let path = "\(docsPath)/\(ClickUpClient.escape(id))"
            group.addTask { [client] in
                do {
                    guard let doc = Doc(try await client.get(path)) else {
                        return .missed(
                            id: id, UpstreamError(kind: .invalidAnswer, message: "ClickUp's answer is no doc."))
                    }
                    return .fetched(doc)
                } catch let error as UpstreamError where !error.endsRun {
                    return .missed(id: id, error)
                }
            }
        }
    }

    private mutating func accept(_ page: DocListingPage, _ resolver: SpaceResolver) async throws {
        isListing = false
        let new = listing.accept(page)
        // The service's word that a doc is gone counts as its absence; its pages go with it.
        for doc in new where doc.isDeleted { try call.complete(.pages, scope: doc.id) }
        var docs: [Doc] = []
        for doc in new where !doc.isDeleted {
            if try await isSelected(doc, resolver) { docs.append(doc) }
        }
        let number = progress.add(docs: docs.count, next: listing.mark)
        pending.append(contentsOf: docs.map { ($0, number) })
        total += docs.count
        if !docs.isEmpty {
            call.progress(
                "storing_docs", "Storing \(counted(docs.count, "doc"))...", count: docs.count)
        }
        if listing.query != nil { announceFetching() }
    }

    private func isSelected(_ doc: Doc, _ resolver: SpaceResolver) async throws -> Bool {
        guard !selection.without.docs.contains(doc.id) else { return false }
        if let since = selection.since, let updated = doc.updated, updated < since { return false }
        guard !selection.coversAllPlaces, !selection.only.docs.contains(doc.id) else { return true }
        let place = try await resolver.place(of: doc.parent, mayAsk: selection.only.isEmpty)
        return selection.covers(space: place.space?.id ?? "", folder: place.folder, list: place.list)
    }

    private mutating func start(_ one: DocImport, _ group: inout Group) {
        let free = settings.maximumConcurrentRequests - running
        let next = pending.prefix(max(0, free))
        pending.removeFirst(next.count)
        for (doc, page) in next {
            running += 1
            group.addTask { [total] in
                .ended(try await one.run(doc, total: total), page: page)
            }
        }
    }

    private mutating func count(_ outcome: DocOutcome) throws {
        running -= 1
        ended += 1
        switch outcome {
        case .stored: unreachable = 0
        case .failed(let error?) where error.kind == .unavailable:
            unreachable += 1
            if unreachable >= Self.hopeless { throw error }
        case .failed, .unchanged: break
        }
    }

    /// Lets the checkpoint follow once all docs of a page have ended.
    private mutating func reached(_ page: Int, _ outcome: DocOutcome) async throws {
        if case .stored = outcome { progress.hasStored = true }
        guard let mark = progress.ended(page) else { return }
        try await journal.docsReached(mark)
    }

    private func announceFetching() {
        call.progress("fetching_docs", "Fetching docs... (\(ended) processed so far)", count: ended)
    }

    private func finish(_ complete: Completion) throws {
        if listing.isIncomplete {
            let message = """
                ClickUp repeats a page of the docs' listing: not every doc could be listed, so \
                docs that are gone are not marked deleted.
                """
            call.report(.note, .docs, code: "incomplete-listing", message)
            call.log(.warning, message)
        } else if isFromStart, selection.without.docs.isEmpty {
            try complete(.docs)
        }
        call.progress(
            "docs_complete", "Docs import complete: \(counted(ended, "doc")) processed",
            count: ended,
            total: ended)
    }
}

/// Up to which page of the listing all docs have ended.
private struct DocProgress {
    /// Something was stored since the last mark: an import that changes nothing writes nothing.
    var hasStored = false
    private var pages: [(left: Int, next: DocListing.Mark?)] = []
    private var first = 0

    /// Returns the page's number.
    mutating func add(docs: Int, next: DocListing.Mark?) -> Int {
        pages.append((docs, next))
        return first + pages.count - 1
    }

    /// Where the listing can be gone on with, if that has moved.
    mutating func ended(_ page: Int) -> DocListing.Mark? {
        guard pages.indices.contains(page - first) else { return nil }
        pages[page - first].left -= 1
        let done = pages.prefix { $0.left <= 0 }
        guard hasStored, let mark = done.last?.next else { return nil }
        first += done.count
        pages.removeFirst(done.count)
        hasStored = false
        return mark
    }
}

/// "1 doc", "2 docs".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
