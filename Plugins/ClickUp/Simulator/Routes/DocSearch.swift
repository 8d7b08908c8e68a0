import FoundationEssentials

/// The listing of docs: filters, pages of 10 to 100, cursors.
struct DocSearch {
    private let call: Call
    private let library: Library
    private let limit: Int
    /// Place of the first doc to look at.
    private let start: Int

    init(_ call: Call) throws {
        self.call = call
        library = call.simulator.library
        limit = try Self.limit(call)
        start = try Self.start(call, library)
    }

    func answer() throws -> JSON {
        let filter = try DocFilter(call)
        var found: [Doc] = []
        // One more than wanted: only if there is one does the answer carry a cursor.
        for index in start..<max(start, library.count) where found.count <= limit {
            if let doc = library.doc(at: index), filter.accepts(doc) { found.append(doc) }
        }
        let next = found.count > limit ? found[limit] : nil
        return .fields([
            ("docs", .array(found.prefix(limit).map { DocRoutes.json($0, in: call, isWhole: false) })),
            ("next_cursor", next.map { .string(Self.cursor($0)) }),
        ])
    }

    private static func limit(_ call: Call) throws -> Int {
        guard let text = call.query("limit") else { return 50 }
        guard let limit = Int(text), (10...100).contains(limit) else {
            throw APIError.badRequest("limit must be between 10 and 100")
        }
        return limit
    }

    private static func start(_ call: Call, _ library: Library) throws -> Int {
        let options = call.simulator.options
        if options.cursorLoop { return 0 }
        let current = options.cursorBug ? nil : call.query("cursor")
        guard let text = current ?? call.query("next_cursor"), !text.isEmpty else { return 0 }
        guard let data = Data(base64Encoded: text), let cursor = try? JSONDecoder().decode(Cursor.self, from: data),
            let index = library.ids.docIndex(cursor.nextId)
        else {
            // Which part of the cursor is wrong is nothing the real service would say either.
            throw APIError.badRequest()
        }
        return index
    }

    private struct Cursor: Decodable {
        let nextId: String
    }

    private static func cursor(_ doc: Doc) -> String {
        Data(JSON.object([("nextId", .string(doc.id))]).bytes).base64EncodedString()
    }
}

/// The filters of the listing. `deleted` and `archived` each choose one kind, not both.
private struct DocFilter {
    let id: String?
    let creator: Int?
    let deleted: Bool
    let archived: Bool
    let parentID: String?
    let parentType: Int?

    init(_ call: Call) throws {
        id = call.query("id")
        creator = call.number("creator")
        deleted = call.flag("deleted")
        archived = call.flag("archived")
        parentID = call.query("parent_id")
        parentType = try call.query("parent_type").map(Self.type)
    }

    func accepts(_ doc: Doc) -> Bool {
        doc.isDeleted == deleted && doc.isArchived == archived
            && id ?? doc.id == doc.id && creator ?? doc.creator == doc.creator
            && parentID ?? doc.parent.id == doc.parent.id && parentType ?? doc.parent.type == doc.parent.type
    }

    private static func type(_ text: String) throws -> Int {
        switch text {
        case "4", "SPACE": Doc.Parent.space
        case "5", "FOLDER": Doc.Parent.folder
        case "6", "LIST": Doc.Parent.list
        case "7", "EVERYTHING": Doc.Parent.everything
        case "12", "WORKSPACE": Doc.Parent.workspace
        default: throw APIError.badRequest()
        }
    }
}
