/// The docs and pages as they are now: the generated ones, and over them what the control API changed or added.
/// Memory grows with the changes only.
struct Library: Sendable {
    let workspace: Workspace
    let ids: ObjectIDs
    private var changedDocs: [Int: Doc] = [:]
    private var changedPages: [Int: [Int: ChangedPage]] = [:]
    private var addedPages: [Int: [Page]] = [:]
    private(set) var count: Int

    private struct ChangedPage {
        var page: Page
        /// nil: as generated.
        var content: String?
        var isDeleted = false
    }

    init(workspace: Workspace) {
        self.workspace = workspace
        ids = ObjectIDs(workspace: workspace.id)
        count = workspace.docs
    }

    /// A doc by its place, deleted ones too.
    func doc(at index: Int) -> Doc? {
        guard (0..<count).contains(index) else { return nil }
        return changedDocs[index] ?? workspace.generatedDoc(index)
    }

    func doc(id: String) -> Doc? {
        ids.docIndex(id).flatMap { doc(at: $0) }
    }

    /// Pages that are not deleted; children of a deleted page go with it.
    func pages(of doc: Doc) -> [Page] {
        guard let changes = changedPages[doc.index] else { return original(of: doc) }
        var gone: Set<Int> = []
        return original(of: doc).compactMap { page in
            if changes[page.index]?.isDeleted == true || page.parent.map(gone.contains) == true {
                gone.insert(page.index)
                return nil
            }
            return changes[page.index]?.page ?? page
        }
    }

    private func original(of doc: Doc) -> [Page] {
        guard doc.index < workspace.docs else { return addedPages[doc.index] ?? [] }
        return workspace.generatedPages(of: workspace.generatedDoc(doc.index)) + (addedPages[doc.index] ?? [])
    }

    func content(of page: Page, in doc: Doc) -> String {
        changedPages[doc.index]?[page.index]?.content ?? workspace.generatedContent(doc: doc.index, page: page)
    }

    func page(id: String) -> (doc: Doc, page: Page)? {
        guard let place = ids.pageIndex(id), let doc = doc(at: place.doc), !doc.isDeleted else { return nil }
        return pages(of: doc).first { $0.index == place.page }.map { (doc, $0) }
    }
}

// MARK: Changes

extension Library {
    mutating func change(_ doc: Doc, _ change: DocChange, now: Int) {
        var doc = doc
        if let name = change.name { doc.name = name }
        if let type = change.type { doc.type = type }
        if let parent = change.parent { doc.parent = parent.parent }
        if let archived = change.archived { doc.isArchived = archived }
        if change.delete == true { doc.isDeleted = true }
        move(&doc, now)
        if let content = change.content, let first = pages(of: doc).first {
            self.change(first, of: doc, PageChange(content: content), now: now)
        }
        append(change.pages ?? [], to: doc, now: now)
    }

    mutating func change(_ page: Page, of doc: Doc, _ change: PageChange, now: Int) {
        var doc = doc
        move(&doc, now)
        var changed = changedPages[doc.index]?[page.index] ?? ChangedPage(page: page)
        // The text of a generated page has its title in it and must not change with the name alone.
        if changed.content == nil { changed.content = change.content ?? content(of: page, in: doc) }
        if let name = change.name { changed.page.name = name }
        if let content = change.content { changed.content = content }
        if change.delete == true { changed.isDeleted = true }
        changed.page.updated = doc.updated
        changedPages[doc.index, default: [:]][page.index] = changed
    }

    /// Adds a doc and says which ids it and its pages have.
    mutating func add(_ new: DocChange, now: Int) -> Doc {
        let doc = Doc(
            index: count, id: ids.doc(count), name: new.name ?? "", type: new.type ?? 1,
            parent: new.parent?.parent ?? workspace.firstPlace, created: now, updated: now,
            creator: Workspace.members[0].id,
            isArchived: new.archived ?? false)
        count += 1
        changedDocs[doc.index] = doc
        append(new.pages ?? [], to: doc, now: now)
        if let content = new.content, new.pages == nil {
            append([NewPage(name: new.name ?? nil, content: content, pages: nil)], to: doc, now: now)
        }
        return doc
    }

    private func nextPage(of doc: Doc) -> Int {
        let generated = doc.index < workspace.docs ? workspace.generatedPageCount(ofDoc: doc.index) : 0
        return generated + (addedPages[doc.index]?.count ?? 0)
    }

    /// The date moves on with every change, also with two in one millisecond.
    private mutating func move(_ doc: inout Doc, _ now: Int) {
        doc.updated = max(now, doc.updated + 1)
        changedDocs[doc.index] = doc
    }

    private mutating func append(_ pages: [NewPage], to doc: Doc, below parent: Int? = nil, now: Int) {
        for new in pages {
            let index = nextPage(of: doc)
            let page = Page(
                index: index, id: ids.page(index, ofDoc: doc.index), parent: parent, name: new.name, created: now,
                updated: now, creator: doc.creator)
            addedPages[doc.index, default: []].append(page)
            changedPages[doc.index, default: [:]][index] = ChangedPage(page: page, content: new.content ?? "")
            append(new.pages ?? [], to: doc, below: index, now: now)
        }
    }
}
