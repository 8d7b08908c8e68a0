import PluginKit

/// Imports all docs: many at a time, while they are listed. What is listed waits in the journal's
/// queue, so memory has the docs that are under way only, and the listing's ids.
struct DocsImport {
    /// What a child task brings back.
    enum Event: Sendable {
        case listed(DocListingPage)
        case unlisted(UpstreamError)
        case fetched(Doc)
        case missed(id: String, UpstreamError)
        /// With the doc's number in the queue.
        case ended(Doc, DocOutcome, number: Int)
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
    private var line: WorkLine<Doc>
    private var running = 0
    /// In the queue when this attempt began, or since.
    private var total: Int
    private var ended = 0
    private var unreachable = 0
    /// Where docs lie that are listed and left out by the choice; an attempt before may have seen others.
    private var passedOver: Set<String> = []
    /// Of those that this attempt has fetched; the first of them by name.
    private var withoutPages: (count: Int, names: [String]) = (0, [])
    /// Chosen or excluded one by one, and not in the listing so far.
    private var unseen: (chosen: Set<String>, excluded: Set<String>)
    /// Something was stored.
    private var hasStored = false
    /// Since the checkpoint was offered last.
    private var hasStoredSince = false

    /// Docs that have ended after which the checkpoint follows.
    private static let stride = 50

    private var selection: Selection { settings.selection }

    init(call: ImportCall, client: ClickUpClient, settings: Settings, documents: Documents, journal: Journal) {
        self.call = call
        self.client = client
        self.settings = settings
        self.documents = documents
        self.journal = journal
        isFromStart = journal.docsMark == nil || !journal.isContinuation
        let position = journal.docs.position
        line = WorkLine(position)
        unseen = (settings.selection.only.docs, settings.selection.without.docs)
        total = Int(position.count - position.done)
        if let mark = journal.docsMark {
            listing =
                mark.listing.map { DocListing(includeArchived: settings.selection.includesArchived, from: $0) }
                ?? .ended
        } else {
            listing = DocListing(includeArchived: settings.selection.includesArchived)
        }
    }

    /// Asks for the next page of the listing, unless one is on its way.
    mutating func prefetch(_ group: inout Group) {
        guard !selection.isOfSingles, !isListing, let query = listing.query else { return }
        isListing = true
        let path = docsPath
        group.addTask { [client] in
            do {
                return .listed(try DocListingPage(try await client.get(path, query)))
            } catch let error as UpstreamError where !error.endsRun {
                return .unlisted(error)
            }
        }
    }

    private var docsPath: String { ClickUpClient.docs(of: settings.workspaceID) }

    /// Everything from the first page, perhaps under way already, to the last doc.
    mutating func run(_ group: inout Group, resolver: SpaceResolver, complete: Completion) async throws {
        let one = DocImport(
            call: call, client: client, documents: documents, resolver: resolver,
            isFull: journal.isFull)
        announceFetching()
        if selection.isOfSingles { fetchSingles(&group) } else { prefetch(&group) }
        try start(one, &group)
        while let event = try await group.next() {
            switch event {
            case .listed(let page): try await accept(page, resolver)
            case .unlisted(let error):
                isListing = false
                listing.giveUp()
                call.report(
                    .failed, .docs, code: error.code,
                    "Not all docs could be listed: those that are missing are neither imported nor marked deleted. "
                        + error.message)
            case .fetched(let doc): try await accept(single: doc, resolver)
            case .missed(let id, let error): miss(single: id, error)
            case .ended(let doc, let outcome, let number):
                try count(doc, outcome)
                line.ended(number)
                if line.reached.count >= Self.stride, hasStoredSince { try await reached() }
            }
            try start(one, &group)
            prefetch(&group)
        }
        if hasStoredSince { try await reached() }
        try finish(complete)
    }

    private mutating func accept(_ page: DocListingPage, _ resolver: SpaceResolver) async throws {
        isListing = false
        let new = listing.accept(page)
        unseen.chosen.subtract(new.map(\.id))
        unseen.excluded.subtract(new.map(\.id))
        // The service's word that a doc is gone counts as its absence; its pages go with it.
        for doc in new where doc.isDeleted { try call.complete(.pages, scope: doc.id) }
        var docs: [Doc] = []
        for doc in new where !doc.isDeleted {
            if try await isSelected(doc, resolver) { docs.append(doc) }
        }
        try journal.docs.append(docs)
        total += docs.count
        // A page that is in the queue is not asked for again. Where the listing is one page and nothing has
        // changed, nothing is written.
        if hasStored || journal.mode == .enumeration || listing.isUnderWay { try await reached() }
        if !docs.isEmpty {
            call.progress(
                "storing_docs", "Storing \(counted(docs.count, "doc"))...", count: docs.count)
        }
        if listing.query != nil { announceFetching() }
    }

    /// False: it is in the report, left out or failed.
    private mutating func isSelected(_ doc: Doc, _ resolver: SpaceResolver) async throws -> Bool {
        do {
            guard let reason = try await reason(against: doc, resolver) else { return true }
            call.leaveOut(.docs, doc.id, named: doc.name, reason)
        } catch let error as UpstreamError where !error.endsRun {
            call.report(
                .failed, .docs, doc.id, code: error.code,
                "Where \(Collection.docs.name(of: doc.id, doc.name)) lies could not be had. \(error.message)")
        }
        return false
    }

    private mutating func reason(against doc: Doc, _ resolver: SpaceResolver) async throws -> LeftOut? {
        if let since = selection.since, let updated = doc.updated, updated < since { return .older }
        if !selection.includesArchived, doc.fields["archived"]?.bool == true { return .archived }
        let isExcluded = selection.without.docs.contains(doc.id)
        let isChosen = selection.only.docs.contains(doc.id)
        let mayBeElsewhere = !selection.only.isEmpty && !isChosen
        guard isExcluded || selection.without.hasPlaces || mayBeElsewhere else { return nil }
        let place = try await resolver.place(of: doc.parent, mayAsk: !mayBeElsewhere)
        let found = selection.leftOut(space: place.space?.id ?? "", folder: place.folder, list: place.list)
        guard let reason = isExcluded ? .excluded : found, !isChosen || reason != .notChosen else { return nil }
        passedOver.insert(place.space?.id ?? Documents.noSpace)
        return reason
    }

    private mutating func start(_ one: DocImport, _ group: inout Group) throws {
        while running < settings.maximumConcurrentRequests, let (number, doc, _) = try line.next(of: journal.docs) {
            running += 1
            let total = isCounted ? total : nil
            group.addTask { .ended(doc, try await one.run(doc, total: total), number: number) }
        }
    }

    /// All that are in use are listed; archived ones are few, and follow.
    private var isCounted: Bool { !selection.isOfSingles && listing.mark?.archived != false }

    private mutating func count(_ doc: Doc, _ outcome: DocOutcome) throws {
        running -= 1
        ended += 1
        switch outcome {
        case .stored(let hasPages):
            if !hasPages { noteEmpty(doc) }
            unreachable = 0
            (hasStored, hasStoredSince) = (true, true)
        case .failed(let error?) where error.kind == .unavailable:
            unreachable += 1
            if unreachable >= Self.hopeless { throw error }
        case .failed, .unchanged: break
        }
    }

    private mutating func noteEmpty(_ doc: Doc) {
        withoutPages.count += 1
        if withoutPages.names.count < ChoiceReport.most { withoutPages.names.append(doc.displayName) }
    }

    /// Lets the checkpoint follow.
    private mutating func reached() async throws {
        guard !selection.isOfSingles else { return }
        journal.docs.done(upTo: line.reached.offset, count: line.reached.count)
        line.reached.count = 0
        hasStoredSince = false
        try await journal.docsReached(listing.mark)
    }

    private func announceFetching() {
        call.progress("fetching_docs", "Fetching docs... (\(ended) processed so far)", count: ended)
    }

    private func finish(_ complete: Completion) throws {
        if withoutPages.count > 0 {
            let (count, names) = withoutPages
            call.report(
                .note, .docs, code: "without-pages",
                "\(counted(count, "doc")) without pages: \(ChoiceReport.list(names, of: count)).")
        }
        // What an attempt before has seen of the listing is not known here.
        if !selection.isOfSingles, !listing.isIncomplete, journal.docsMark == nil {
            call.noteUnknown(.docs, chosen: unseen.chosen, excluded: unseen.excluded, among: [])
        }
        if listing.wasGivenUp {
            call.log(.warning, "Not all docs could be listed.")
        } else if listing.isIncomplete {
            let message = """
                ClickUp repeats a page of the docs' listing: not every doc could be listed, so \
                docs that are gone are not marked deleted.
                """
            call.report(.failed, .docs, code: "incomplete-listing", message)
            call.log(.warning, message)
        } else if isFromStart, selection.without.isEmpty || journal.docsMark == nil {
            try complete(.docs, passedOver: passedOver)
        }
        call.progress(
            "docs_complete", "Docs import complete: \(counted(ended, "doc")) processed",
            count: ended,
            total: ended)
    }
}

// MARK: One by one

extension DocsImport {
    /// Docs that were chosen one by one.
    private func fetchSingles(_ group: inout Group) {
        for id in selection.only.docs.sorted() {
            // It need not be asked for to be left out.
            guard !selection.without.docs.contains(id) else {
                call.leaveOut(.docs, id, named: "", .excluded)
                continue
            }
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

    private mutating func accept(single doc: Doc, _ resolver: SpaceResolver) async throws {
        guard !doc.isDeleted else {
            call.noteDeleted(.docs, doc.id)
            try call.complete(.pages, scope: doc.id)
            return try call.remove(collection: Collection.docs.rawValue, id: doc.id)
        }
        guard try await isSelected(doc, resolver) else { return }
        total += 1
        try journal.docs.append([doc])
    }

    private func miss(single id: String, _ error: UpstreamError) {
        // Not that it was deleted: it may be hidden from the token. The next import of all docs can tell.
        if error.kind == .notFound { return call.noteUnknown(.docs, chosen: [id], excluded: [], among: []) }
        call.report(.failed, .docs, id, code: error.code, "Doc \(id) could not be had. \(error.message)")
    }
}

/// "1 doc", "2 docs".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
