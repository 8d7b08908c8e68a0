import Core
import Hummingbird
import NIOCore

/// What is known of a request while it is handled.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who asks; set by `AuthenticationMiddleware`.
    var principal = Principal.anonymous

    init(source: Source) {
        coreContext = .init(source: source)
    }
}
