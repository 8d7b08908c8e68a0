/// Docs and their pages (v3).
enum DocRoutes: RouteSet {
    static func add(to table: RouteTable) {
        table.get("api/v3/workspaces/:ws/docs") { call in
            try call.checkWorkspace("ws")
            return try DocSearch(call).answer()
        }
        table.get("api/v3/workspaces/:ws/docs/:doc") { call in
            let (doc, _) = try doc(call)
            return json(doc, in: call, isWhole: true)
        }
        table.get("api/v3/workspaces/:ws/docs/:doc/page_listing") { call in
            let (doc, library) = try doc(call)
            return PageTree(doc: doc, library: library, hasContent: false, isPlain: false)
                .json(maxDepth: depth(call))
        }
        table.get("api/v3/workspaces/:ws/docs/:doc/pages") { call in
            let (doc, library) = try doc(call)
            return PageTree(doc: doc, library: library, hasContent: true, isPlain: try isPlain(call))
                .json(maxDepth: depth(call))
        }
        table.get("api/v3/workspaces/:ws/docs/:doc/pages/:page") { call in
            let (doc, library) = try doc(call)
            guard let (owner, page) = library.page(id: call.parameter("page")), owner.index == doc.index else {
                throw APIError.missing("Page")
            }
            return PageTree(doc: doc, library: library, hasContent: true, isPlain: try isPlain(call))
                .json(page, children: nil)
        }
    }

    private static func doc(_ call: Call) throws -> (Doc, Library) {
        try call.checkWorkspace("ws")
        let library = call.simulator.library
        guard let doc = library.doc(id: call.parameter("doc")), !doc.isDeleted else {
            throw APIError.missing("Doc")
        }
        return (doc, library)
    }

    private static func depth(_ call: Call) -> Int {
        max(-1, call.number("max_page_depth") ?? -1)
    }

    private static func isPlain(_ call: Call) throws -> Bool {
        switch call.query("content_format") {
        case nil, "text/md": return false
        case "text/plain": return true
        default: throw APIError.badRequest()
        }
    }

    static func json(_ doc: Doc, in call: Call, isWhole: Bool) -> JSON {
        .fields([
            ("id", .string(doc.id)), ("date_created", .int(doc.created)),
            ("date_updated", call.simulator.options.docsWithoutDates ? nil : .int(doc.updated)),
            ("name", doc.name.map { .string($0) } ?? .some(.null)), ("type", .int(doc.type)),
            ("parent", ["id": .string(doc.parent.id), "type": .int(doc.parent.type)]), ("public", .bool(false)),
            ("workspace_id", .int(call.workspace.id)), ("creator", .int(doc.creator)),
            ("deleted", .bool(doc.isDeleted)), ("date_deleted", doc.isDeleted ? .int(doc.updated) : nil),
            ("archived", .bool(doc.isArchived)), ("date_archived", doc.isArchived ? .int(doc.updated) : nil),
            ("page_defaults", isWhole ? pageDefaults : nil),
        ])
    }

    static let pageDefaults: JSON = [
        "font": .int(1), "font_size": .int(1), "line_height": .int(1), "page_width": .int(1),
        "show_author_header": .bool(true),
    ]
}
