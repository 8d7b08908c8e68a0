/// Body of `POST /_simulator/docs` and `POST /_simulator/docs/{id}`.
struct DocChange: Decodable, Sendable {
    /// Outer nil: left alone. Inner nil: JSON null, an untitled doc.
    var name: String??
    /// Content of the first page.
    var content: String?
    var type: Int?
    var parent: ParentChange?
    var archived: Bool?
    var delete: Bool?
    /// Changes nothing but the dates.
    var touch: Bool?
    /// Pages to add.
    var pages: [NewPage]?

    private enum CodingKeys: CodingKey {
        case name, content, type, parent, archived, delete, touch, pages
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeNullable(.name)
        content = try container.decodeIfPresent(String.self, forKey: .content)
        type = try container.decodeIfPresent(Int.self, forKey: .type)
        parent = try container.decodeIfPresent(ParentChange.self, forKey: .parent)
        archived = try container.decodeIfPresent(Bool.self, forKey: .archived)
        delete = try container.decodeIfPresent(Bool.self, forKey: .delete)
        touch = try container.decodeIfPresent(Bool.self, forKey: .touch)
        pages = try container.decodeIfPresent([NewPage].self, forKey: .pages)
    }
}

/// A parent with its id as a string or a number.
struct ParentChange: Decodable, Sendable {
    let parent: Doc.Parent

    init(_ parent: Doc.Parent) {
        self.parent = parent
    }

    private enum CodingKeys: CodingKey {
        case id, type
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        // Not a number: then it must be a string, whose error is the one reported.
        let number = try? container.decode(Int.self, forKey: .id)
        parent = Doc.Parent(
            id: try number.map { String($0) } ?? container.decode(String.self, forKey: .id),
            type: try container.decode(Int.self, forKey: .type))
    }
}

/// A page to add; without a name it is untitled (null).
struct NewPage: Decodable, Sendable {
    let name: String?
    let content: String?
    let pages: [NewPage]?
}

/// Body of `POST /_simulator/pages/{id}`.
struct PageChange: Decodable, Sendable {
    var name: String??
    var content: String?
    var delete: Bool?
    var touch: Bool?

    private enum CodingKeys: CodingKey {
        case name, content, delete, touch
    }

    init(content: String) {
        self.content = content
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeNullable(.name)
        content = try container.decodeIfPresent(String.self, forKey: .content)
        delete = try container.decodeIfPresent(Bool.self, forKey: .delete)
        touch = try container.decodeIfPresent(Bool.self, forKey: .touch)
    }
}

extension KeyedDecodingContainer {
    /// Tells a missing key (nil) from a null (`.some(nil)`).
    fileprivate func decodeNullable(_ key: Key) throws -> String?? {
        guard contains(key) else { return nil }
        return .some(try decodeIfPresent(String.self, forKey: key))
    }
}
