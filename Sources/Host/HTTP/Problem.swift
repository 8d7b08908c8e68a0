import Core
import HTTPTypes
import Hummingbird
import NIOCore

/// A request that is refused, as `application/problem+json` (RFC 9457).
struct Problem: HTTPResponseError {
    var code: ErrorCode
    var detail: String
    var hint: String?
    var headers: HTTPFields = [:]
    /// More members of the body.
    var extra: [JSONValue.Member] = []

    init(
        _ code: ErrorCode, _ detail: String, hint: String? = nil, headers: HTTPFields = [:],
        extra: [JSONValue.Member] = []
    ) {
        self.code = code
        self.detail = detail
        self.hint = hint
        self.headers = headers
        self.extra = extra
    }

    var status: HTTPResponse.Status { code.status }

    func response(from request: Request, context: some RequestContext) -> Response {
        var members: [JSONValue.Member] = [
            .init("type", .string("about:blank")), .init("title", .string(status.reasonPhrase)),
            .init("status", .integer(Int64(status.code))),
            .init("code", .string(code.rawValue)), .init("detail", .string(detail)),
        ]
        if let hint { members.append(.init("hint", .string(hint))) }
        members.append(.init("requestId", .string(context.id)))
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers,
            body: .init(byteBuffer: ByteBuffer(string: JSONValue.object(members + extra).text)))
    }
}

extension ErrorCode {
    /// The one place where a code becomes a status.
    var status: HTTPResponse.Status {
        switch self {
        case .badRequest, .badCursor: .badRequest
        case .unauthenticated: .unauthorized
        case .forbidden, .forbiddenTenant, .crossSite: .forbidden
        case .notFound, .integrationUnknown, .runUnknown: .notFound
        case .integrationDisabled, .runActive, .runFinished: .conflict
        case .runExpired: .gone
        case .methodNotAllowed: .methodNotAllowed
        case .notAcceptable: .notAcceptable
        case .payloadTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .idempotencyKeyReused, .settingsInvalid, .configurationInvalid: .unprocessableContent
        case .notSupported: .notImplemented
        case .tooManyRequests: .tooManyRequests
        case .draining: .serviceUnavailable
        case .internal, .storeFailed: .internalServerError
        case .upstreamUnauthorized, .upstreamForbidden, .upstreamNotFound, .upstreamRateLimited,
            .upstreamUnavailable, .upstreamInvalidAnswer:
            .badGateway
        case .pluginUnavailable, .pluginIncompatible, .pluginRefused, .pluginCrashed,
            .pluginTimeout, .pluginStalled, .pluginQuarantined, .pluginMisbehaved:
            .unprocessableContent
        case .cancelled, .interrupted: .conflict
        }
    }
}
