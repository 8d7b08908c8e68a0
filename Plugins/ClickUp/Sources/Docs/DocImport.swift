import PluginKit

/// How one doc ended.
enum DocOutcome: Sendable {
    case stored(hasPages: Bool)
    case unchanged
    /// Reported; what is stored of it stays. nil: it was the host that refused it.
    case failed(UpstreamError?)
}

/// Imports one doc. The order makes it safe to be killed anywhere: its pages, the end of its
/// pages, and only then the doc with the revision by which the next import would pass it over.
struct DocImport: Sendable {
    let call: ImportCall
    let client: ClickUpClient
    let documents: Documents
    let resolver: SpaceResolver
    /// What seems to be stored is fetched all the same.
    let isFull: Bool
    /// Docs that have ended: what is left is reckoned from that.
    let counter = Counter()

    /// - Parameter total: nil: not known yet.
    func run(_ doc: Doc, total: Int?) async throws -> DocOutcome {
        defer { counter.next() }
        do {
            let space = try await resolver.space(of: doc.parent)
            let revision = doc.revision(in: space)
            if try isUnchanged(doc, revision) { return .unchanged }
            sayBegun(doc.displayName, total: total)
            let (hasPages, isWhole) = try await importPages(of: doc, in: space)
            try call.upsert(documents.doc(doc, in: space, revision: isWhole ? revision : nil))
            return .stored(hasPages: hasPages)
        } catch let error as UpstreamError where !error.endsRun {
            report(doc.id, .docs, code: error.code, "\(doc.sentenceName) could not be had. \(error.message)")
            return .failed(error)
        } catch let error as PluginError where error.isAboutOneDocument {
            report(doc.id, .docs, code: error.code, error.message)
            return .failed(nil)
        }
    }

    private func sayBegun(_ name: String, total: Int?) {
        counter.add(0) { count in
            call.progress("storing_doc", "Storing doc: \(name)", count: count, total: total)
            call.progress(
                "fetching_pages", "Fetching pages for: \(name)", count: count, total: total)
        }
    }

    private func isUnchanged(_ doc: Doc, _ revision: String?) throws -> Bool {
        guard let revision, !isFull else { return false }
        return try call.known(collection: Collection.docs.rawValue, id: doc.id, revision: revision)
    }

    /// Not `isWhole`: the host refused a page, which is in the report.
    private func importPages(of doc: Doc, in space: Space?) async throws -> (hasPages: Bool, isWhole: Bool) {
        let pages = try PageWalk(try await fetchPages(of: doc))
        var isWhole = true
        var stored = 0
        for page in pages {
            try Task.checkCancellation()
            if stored.isMultiple(of: 100) { announce(doc, stored, pages.count) }
            do {
                try call.upsert(documents.page(page, of: doc, in: space))
                stored += 1
            } catch let error as PluginError where error.isAboutOneDocument {
                report(page.id, .pages, code: error.code, error.message)
                isWhole = false
            }
        }
        try call.complete(.pages, scope: doc.id)
        return (stored > 0 || !isWhole, isWhole)
    }

    private func announce(_ doc: Doc, _ stored: Int, _ count: Int) {
        call.progress(
            "storing_pages", "Storing \(counted(count, "page")) for: \(doc.displayName)",
            count: stored,
            total: count)
    }

    private func fetchPages(of doc: Doc) async throws -> JSONValue {
        try await client.get(
            "\(ClickUpClient.docs(of: documents.workspace.id))/\(ClickUpClient.escape(doc.id))/pages",
            [("max_page_depth", "-1"), ("content_format", "text/md")])
    }

    func report(_ id: String, _ collection: Collection, code: String, _ message: String) {
        call.report(.failed, collection, id, code: code, message)
    }
}

extension PluginError {
    /// The host refused a single document.
    var isAboutOneDocument: Bool { status == .rejected || status == .tooLarge }
}
