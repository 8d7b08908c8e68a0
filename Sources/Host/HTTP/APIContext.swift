import Core
import Hummingbird
import NIOCore

/// What is known of a request while it is handled.
struct APIContext: RequestContext, Sendable {
    var coreContext: CoreRequestContextStorage
    /// Who asks; set by `AuthenticationMiddleware`.
    var principal = Principal.anonymous
    /// Whether a cookie says so, which a browser sends unasked, and no token.
    var isSession = false
    /// The connection, or the stream of an HTTP/2 connection.
    let channel: any Channel

    init(source: Source) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
