import PluginKit

/// Imports all docs: many at a time, the listing one page ahead. Holds at most the docs of two
/// listing pages, and the pages of those docs only that are under way.
struct DocsImport {
    /// What a child task brings back.
    enum Event: Sendable {
        case listed(DocListingPage)
        case ended(DocOutcome)
    }

    typealias Group = ThrowingTaskGroup<Event, any Error>

    /// With so many docs in a row unreachable after all their retries, the rest would be too.
    static let hopeless = 20

    let call: ImportCall
    let client: ClickUpClient
    let settings: Settings
    let documents: Documents

    private var listing: DocListing
    private var isListing = false
    private var pending: [Doc] = []
    private var running = 0
    /// Listed, deleted ones aside; ended.
    private var total = 0
    private var ended = 0
    private var unreachable = 0

    init(call: ImportCall, client: ClickUpClient, settings: Settings, documents: Documents) {
        self.call = call
        self.client = client
        self.settings = settings
        self.documents = documents
        listing = DocListing(includeArchived: settings.includeArchived)
    }

    /// Asks for the next page of the listing, unless one is on its way or two wait already.
    mutating func prefetch(_ group: inout Group) {
        guard !isListing, pending.count <= 100, let query = listing.query else { return }
        isListing = true
        let path = "/api/v3/workspaces/\(ClickUpClient.escape(settings.workspaceID))/docs"
        group.addTask { [client] in .listed(try DocListingPage(try await client.get(path, query))) }
    }

    /// Everything from the first page, perhaps under way already, to the last doc.
    mutating func run(_ group: inout Group, resolver: SpaceResolver) async throws {
        let one = DocImport(call: call, client: client, documents: documents, resolver: resolver)
        announceFetching()
        prefetch(&group)
        while let event = try await group.next() {
            switch event {
            case .listed(let page): try accept(page)
            case .ended(let outcome): try count(outcome)
            }
            start(one, &group)
            prefetch(&group)
        }
        try finish()
    }

    private mutating func accept(_ page: DocListingPage) throws {
        isListing = false
        let new = listing.accept(page)
        // The service's word that a doc is gone counts as its absence; its pages go with it.
        for doc in new where doc.isDeleted {
            try call.complete(collection: Documents.pages, scope: doc.id)
        }
        let docs = new.filter { !$0.isDeleted }
        pending.append(contentsOf: docs)
        total += docs.count
        if !docs.isEmpty {
            call.progress(
                "storing_docs", "Storing \(counted(docs.count, "doc"))...", count: docs.count)
        }
        if listing.query != nil { announceFetching() }
    }

    private mutating func start(_ one: DocImport, _ group: inout Group) {
        let free = settings.maximumConcurrentRequests - running
        let next = pending.prefix(max(0, free))
        pending.removeFirst(next.count)
        for doc in next {
            running += 1
            group.addTask { [total] in
                .ended(try await one.run(doc, total: total))
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

    private func announceFetching() {
        call.progress("fetching_docs", "Fetching docs... (\(ended) processed so far)", count: ended)
    }

    private func finish() throws {
        if listing.isIncomplete {
            let message = """
                ClickUp repeats a page of the docs' listing: not every doc could be listed, so \
                docs that are gone are not marked deleted.
                """
            call.report(
                .note, collection: Documents.docs, code: "incomplete-listing", message: message)
            call.log(.warning, message)
        } else {
            try call.complete(collection: Documents.docs)
        }
        call.progress(
            "docs_complete", "Docs import complete: \(counted(ended, "doc")) processed",
            count: ended,
            total: ended)
    }
}

/// "1 doc", "2 docs".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
