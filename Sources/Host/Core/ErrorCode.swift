/// Every `code` that clients can meet, in problem bodies and in `error` events.
/// docs/http-api.md has a sentence for each.
package enum ErrorCode: String, Sendable, CaseIterable {
    // A request that was refused.
    case badRequest = "bad-request"
    case badCursor = "bad-cursor"
    case unauthenticated
    case forbidden
    case forbiddenTenant = "forbidden-tenant"
    case crossSite = "cross-site"
    case notFound = "not-found"
    case integrationUnknown = "integration-unknown"
    case integrationDisabled = "integration-disabled"
    case runUnknown = "run-unknown"
    case runActive = "run-active"
    case runFinished = "run-finished"
    case runExpired = "run-expired"
    case methodNotAllowed = "method-not-allowed"
    case notAcceptable = "not-acceptable"
    case payloadTooLarge = "payload-too-large"
    case unsupportedMediaType = "unsupported-media-type"
    case idempotencyKeyReused = "idempotency-key-reused"
    case settingsInvalid = "settings-invalid"
    case configurationInvalid = "configuration-invalid"
    case notSupported = "not-supported"
    case tooManyRequests = "too-many-requests"
    case draining
    case `internal`

    // An import that failed at its source.
    case upstreamUnauthorized = "upstream-unauthorized"
    case upstreamForbidden = "upstream-forbidden"
    case upstreamNotFound = "upstream-not-found"
    case upstreamRateLimited = "upstream-rate-limited"
    case upstreamUnavailable = "upstream-unavailable"
    case upstreamInvalidAnswer = "upstream-invalid-answer"

    // An import that failed in its plugin or here.
    case pluginUnavailable = "plugin-unavailable"
    case pluginIncompatible = "plugin-incompatible"
    case pluginRefused = "plugin-refused"
    case pluginCrashed = "plugin-crashed"
    case pluginTimeout = "plugin-timeout"
    case pluginStalled = "plugin-stalled"
    case pluginQuarantined = "plugin-quarantined"
    case pluginMisbehaved = "plugin-misbehaved"
    case storeFailed = "store-failed"
    case cancelled
    case interrupted
}
