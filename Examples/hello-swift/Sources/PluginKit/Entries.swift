/// A call of an entry other than the import. Nothing can be stored in it.
public struct EntryCall: PluginCall {
    public let options: CallOptions
    public let host: any HostServices

    public init(options: CallOptions, host: any HostServices) {
        self.options = options
        self.host = host
    }
}

// MARK: Test

/// A plugin that can say whether its source can be reached with these settings. Its shared object
/// exports `integration_test_v1`, which hands the call to `runTest(_:_:)`.
public protocol ConnectionTesting: Plugin {
    /// Cheap, reads only. A thrown `PluginError` says what is wrong.
    func test(_ call: EntryCall) async throws -> ConnectionTest
}

/// What a connection test that went well found.
public struct ConnectionTest: Sendable, Hashable {
    /// Whom the source takes the caller for.
    public var account: String?
    /// What else a person wants to know: names and JSON values.
    public var details: [JSONValue.Member]

    public init(account: String? = nil, details: [JSONValue.Member] = []) {
        self.account = account
        self.details = details
    }

    /// As the contract asks for it.
    public var json: JSONValue {
        .object(
            (account.map { [JSONValue.Member("account", .string($0))] } ?? [])
                + (details.isEmpty ? [] : [JSONValue.Member("details", .object(details))]))
    }
}

// MARK: Structure

/// A plugin that can say what there is to import. Its shared object exports
/// `integration_structure_v1`, which hands the call to `runStructure(_:_:)`.
public protocol StructureListing: Plugin {
    func structure(_ call: EntryCall) async throws -> [StructureNode]
}

/// One thing that can be chosen for an import, and what lies in it.
public struct StructureNode: Sendable, Hashable {
    public var id: String
    public var name: String
    /// The plugin's own word: `space`, `folder`, ….
    public var kind: String
    /// How many documents are in it, where that is known.
    public var count: Int?
    public var nodes: [StructureNode]

    public init(
        id: String, name: String, kind: String, count: Int? = nil, nodes: [StructureNode] = []
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.count = count
        self.nodes = nodes
    }

    /// As the contract asks for it.
    public var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .string(id)), .init("name", .string(name)), .init("kind", .string(kind)),
        ]
        if let count { members.append(.init("count", JSONValue(count))) }
        if !nodes.isEmpty { members.append(.init("nodes", .array(nodes.map(\.json)))) }
        return .object(members)
    }
}

// MARK: Webhook

/// A plugin whose source reports changes. Its shared object exports `integration_webhook_v1`,
/// which hands the call to `runWebhook(_:_:_:)`.
public protocol WebhookReceiving: Plugin {
    /// Verifies the request's signature and says what changed; imports nothing. `.authFailed`
    /// becomes 401, `.invalidSettings` 400, every other error 500.
    func webhook(_ request: WebhookRequest, _ call: EntryCall) async throws -> WebhookReply
}

/// A request from the source.
public struct WebhookRequest: Sendable, Hashable {
    public struct Header: Sendable, Hashable {
        /// In lower case.
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var method: String
    /// Below the integration's webhook prefix, begins with `/`.
    public var path: String
    /// Without `?`.
    public var query: String
    public var headers: [Header]
    /// The bytes as they came, which is what signatures are made of.
    public var body: [UInt8]

    public init(
        method: String = "POST", path: String = "/", query: String = "", headers: [Header] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, which is in lower case.
    public subscript(header name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// What a webhook's sender gets, and what the host is to do.
public struct WebhookReply: Sendable, Hashable {
    /// Run options: the host imports with these soon, several such requests merged into one run.
    /// nil: nothing changed that an import would fetch.
    public var importing: JSONValue?
    /// What the source calls the changes of this request. The host drops a request whose ids it
    /// has all seen before.
    public var ids: [String]
    /// More of the answer's body.
    public var members: [JSONValue.Member]

    public init(
        importing: JSONValue? = nil, ids: [String] = [], members: [JSONValue.Member] = []
    ) {
        self.importing = importing
        self.ids = ids
        self.members = members
    }

    /// As the contract asks for it; nil when there is nothing to say.
    public var json: JSONValue? {
        var all = members
        if let importing { all.append(.init("import", importing)) }
        if !ids.isEmpty { all.append(.init("ids", .array(ids.map(JSONValue.string)))) }
        return all.isEmpty ? nil : .object(all)
    }
}
