import HTTPTypes

/// A complete answer before it is packed and sent.
struct Answer: Sendable {
    var status: HTTPResponse.Status = .ok
    var headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]
    var body: [UInt8]

    init(_ json: JSON) {
        body = json.bytes
    }

    init(status: HTTPResponse.Status, html: String) {
        self.status = status
        headers = [.contentType: "text/html; charset=utf-8"]
        body = Array(html.utf8)
    }

    init(_ error: APIError) {
        self.init(error.json)
        status = error.status
    }
}

/// The errors of ClickUp's API.
struct APIError: Error {
    let status: HTTPResponse.Status
    let json: JSON
    /// Some are answered before the limit is looked at and carry no X-RateLimit headers.
    var hasRateLimitHeaders = true

    /// v2 and whatever is refused at the door.
    init(_ status: HTTPResponse.Status, _ message: String, _ code: String) {
        self.status = status
        json = ["err": .string(message), "ECODE": .string(code)]
    }

    private init(v3 status: HTTPResponse.Status, _ message: String) {
        self.status = status
        json = [
            "status": .int(status.code), "message": .string(message), "trace_id": .null,
            "timestamp": .int(Simulator.now),
        ]
    }

    static let tokenMissing = APIError(.badRequest, "Authorization header required", "OAUTH_017")
    static let tokenInvalid = APIError(.unauthorized, "Token invalid", "OAUTH_025")
    static let bearerUnknown = APIError(.unauthorized, "Oauth token not found", "OAUTH_019")
    static let workspaceRefused = APIError(.unauthorized, "Team not authorized", "OAUTH_027")
    static let folderIDInvalid = APIError(.badRequest, "Folder ID invalid", "INPUT_011")
    static let notFound = APIError(.notFound, "Not found", "SHARD_006")
    static let taskDeleted = APIError(.notFound, "Task not found, deleted", "ITEM_013")
    static let routeNotFound = APIError(.notFound, "Route not found", "APP_001")
    static let rateLimited = APIError(.tooManyRequests, "Rate limit reached", "APP_002")
    static let internalError = APIError(.internalServerError, "Internal server error", "ITEMV2_003")

    static func badRequest(_ message: String = "Bad Request Exception") -> APIError {
        APIError(v3: .badRequest, message)
    }

    static func missing(_ what: String) -> APIError {
        APIError(v3: .notFound, "\(what) not found")
    }

    static func workspaceIDInvalid(_ id: String) -> APIError {
        var error = APIError(.badRequest, "Invalid workspace id: \(id)", "SHARD_024")
        error.hasRateLimitHeaders = false
        return error
    }
}
