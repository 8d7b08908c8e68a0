import Foundation

/// What has to be stored of a thing in ClickUp, compared byte for byte.
struct ClickUpDocument: Equatable {
    var title: [UInt8]
    var content: [UInt8]
    var parent: String?
    var path: [String]
    var position: Int?

    /// `collection/id`.
    static func key(_ stored: JSON) -> String {
        "\(stored["collection"]?.string ?? "?")/\(stored["externalId"]?.string ?? "?")"
    }

    init(title: String, content: String = "", parent: String?, path: [String], position: Int? = nil) {
        (self.title, self.content) = (Array(title.utf8), Array(content.utf8))
        (self.parent, self.path, self.position) = (parent, path, position)
    }

    /// As `GET /documents` shows it.
    init(_ stored: JSON) {
        let parent = stored["parent"].map { "\($0["collection"]?.string ?? "?")/\($0["id"]?.string ?? "?")" }
        self.init(
            title: stored["title"]?.string ?? "no title", content: stored["content"]?.string ?? "no content",
            parent: parent, path: stored["path"]?.items.compactMap(\.string) ?? [],
            position: stored["position"]?.integer)
    }
}

/// Reads a simulator as a client of its own, by ClickUp's routes, with nothing of the plugin.
struct ClickUpListing {
    private let http: HTTPClient
    private var spaceNames: [String: String] = [:]
    private(set) var documents: [String: ClickUpDocument] = [:]
    /// The docs as the listing shows them.
    private(set) var docs: [JSON] = []
    /// The kinds of parents that there are.
    var parentTypes: Set<Int> { Set(docs.compactMap { $0["parent"]?["type"]?.integer }) }

    /// Everything, what is archived too.
    static func all(of simulator: SimulatorProcess) async throws -> ClickUpListing {
        var listing = ClickUpListing(
            http: simulator.http.with("Authorization: \(ClickUpSetup.token)"))
        try await listing.readSpaces()
        for archived in [false, true] { try await listing.readDocs(archived: archived) }
        return listing
    }

    private init(http: HTTPClient) { self.http = http }

    private mutating func readSpaces() async throws {
        for archived in [false, true] {
            let answer = try await http.get("/api/v2/team/\(ClickUpSetup.workspace)/space?archived=\(archived)").json
            for space in answer["spaces"]?.items ?? [] {
                guard let id = space["id"]?.string, let name = space["name"]?.string else { continue }
                spaceNames[id] = name
                documents["spaces/\(id)"] = ClickUpDocument(title: name, parent: nil, path: [])
            }
        }
    }

    private mutating func readDocs(archived: Bool) async throws {
        var cursor: String?
        repeat {
            let path = "/api/v3/workspaces/\(ClickUpSetup.workspace)/docs?limit=100&deleted=false&archived=\(archived)"
            let answer = try await http.get(path + (cursor.map { "&cursor=\($0)" } ?? "")).json
            for doc in answer["docs"]?.items ?? [] { try await read(doc) }
            cursor = answer["next_cursor"]?.string
        } while cursor?.isEmpty == false
    }

    private mutating func read(_ doc: JSON) async throws {
        guard let id = doc["id"]?.string else { return }
        docs.append(doc)
        let name = doc["name"]?.string ?? ""
        let space = try await space(of: doc)
        let path = space.flatMap { spaceNames[$0] }.map { [$0] } ?? []
        documents["docs/\(id)"] = ClickUpDocument(title: name, parent: space.map { "spaces/\($0)" }, path: path)
        let answer = try await http.get(
            "/api/v3/workspaces/\(ClickUpSetup.workspace)/docs/\(id)/pages?max_page_depth=-1&content_format=text%2Fmd")
        read(pages: try answer.json.items, below: "docs/\(id)", path: path + [name])
    }

    private mutating func read(pages: [JSON], below parent: String, path: [String]) {
        for (position, page) in pages.enumerated() {
            guard let id = page["id"]?.string else { continue }
            let name = page["name"]?.string ?? ""
            documents["pages/\(id)"] = ClickUpDocument(
                title: name, content: page["content"]?.string ?? "", parent: parent, path: path, position: position)
            read(pages: page["pages"]?.items ?? [], below: "pages/\(id)", path: path + [name])
        }
    }

    /// nil: in none, or in one that the token cannot see.
    private func space(of doc: JSON) async throws -> String? {
        guard let parent = doc["parent"], let type = parent["type"]?.integer, let id = parent["id"]?.string else {
            return nil
        }
        guard let kind = [5: "folder", 6: "list"][type] else { return type == 4 ? id : nil }
        let answer = try await http.get("/api/v2/\(kind)/\(id)")
        return answer.status == 200 ? try answer.json["space"]?["id"]?.string : nil
    }
}
