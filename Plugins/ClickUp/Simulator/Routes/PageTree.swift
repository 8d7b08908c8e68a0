/// The pages of one doc as nested JSON, with contents or without.
struct PageTree {
    private let doc: Doc
    private let library: Library
    private let hasContent: Bool
    private let isPlain: Bool
    private let pages: [Page]
    /// By the parent's index; roots are below nil.
    private let children: [Int?: [Page]]

    init(doc: Doc, library: Library, hasContent: Bool, isPlain: Bool) {
        self.doc = doc
        self.library = library
        self.hasContent = hasContent
        self.isPlain = isPlain
        pages = library.pages(of: doc)
        children = Dictionary(grouping: pages, by: \.parent)
    }

    /// A bare array, as ClickUp's. Depth 0 is the roots alone, -1 everything.
    func json(maxDepth: Int) -> JSON {
        .array((children[nil] ?? []).map { nested($0, maxDepth) })
    }

    private func nested(_ page: Page, _ depth: Int) -> JSON {
        let below = depth == 0 ? nil : children[page.index]
        return json(page, children: below.map { .array($0.map { nested($0, depth - 1) }) })
    }

    func json(_ page: Page, children: JSON?) -> JSON {
        let reference: [(String, JSON?)] = [
            ("id", .string(page.id)), ("doc_id", .string(doc.id)),
            ("parent_page_id", page.parent.map { .string(library.ids.page($0, ofDoc: doc.index)) }),
            ("workspace_id", .int(library.workspace.id)), ("name", page.name.map { .string($0) } ?? .some(.null)),
            ("pages", children),
        ]
        return .fields(hasContent ? reference + details(page) : reference)
    }

    private func details(_ page: Page) -> [(String, JSON?)] {
        let content = library.content(of: page, in: doc)
        return [
            ("date_created", .int(page.created)), ("date_updated", .int(page.updated)),
            ("content", .string(isPlain ? Self.plain(content) : content)), ("creator_id", .int(page.creator)),
            ("deleted", .bool(false)), ("archived", .bool(false)), ("date_edited", .int(page.updated)),
            ("edited_by", .int(page.creator)), ("authors", [.int(page.creator)]),
            ("contributors", [.int(page.creator)]),
            ("protected", .bool(false)), ("presentation_details", DocRoutes.pageDefaults),
        ]
    }

    /// Markdown without its most frequent marks; enough to see that the other format was asked for.
    private static func plain(_ markdown: String) -> String {
        markdown.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                let text = line.drop { "#>".contains($0) }
                return (text.count < line.count ? text.drop { $0 == " " } : text).filter { !"*`".contains($0) }
            }
            .joined(separator: "\n")
    }
}
