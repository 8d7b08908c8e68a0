import Core
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    static func json(
        _ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        var bytes: [UInt8] = []
        value.write(to: &bytes)
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func page<Item>(_ page: Page<Item>, _ item: (Item) -> JSONValue) -> Response {
        json([
            "items": .array(page.items.map(item)),
            "next": page.next.map(JSONValue.string) ?? .null,
        ])
    }
}

/// The query of a request; each parameter is checked when it is asked for.
struct Query {
    private let request: Request

    init(_ request: Request) { self.request = request }

    subscript(name: String) -> String? {
        request.uri.queryParameters[Substring(name)].map(String.init)
    }

    /// 1 to 1,000, and 100 if there is none.
    func limit() throws(Problem) -> Int {
        guard let text = self["limit"] else { return 100 }
        guard let limit = Int(text), (1...1000).contains(limit) else {
            throw Problem(.badRequest, "limit must be a number from 1 to 1,000.")
        }
        return limit
    }

    func integer(_ name: String) throws(Problem) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let integer = Int64(text), integer >= 0 else {
            throw Problem(.badRequest, "\(name) must be a number, 0 or more.")
        }
        return integer
    }
}
