import HTTPTypes
import Hummingbird

/// Whose page made a request, as far as the browser says.
enum PageOrigin {
    /// A page that this server's own origin has sent.
    case own
    /// A page of another origin, which may be one of another port of the same host.
    case foreign
    /// No page at all: an address that somebody typed, a program, or a browser that keeps it to itself.
    case unsaid

    init(_ request: Request) {
        // No page can set this one, and no proxy rewrites it, as some do with `Host`.  Browsers leave
        // it out where neither TLS nor a loopback name protects the connection.
        if let site = request.headers[.secFetchSite] {
            self = site == "same-origin" ? .own : site == "none" ? .unsaid : .foreign
        } else if let origin = request.headers[.origin] ?? request.headers[.referer] {
            self = Self.authority(of: origin) == request.head.authority?[...] ? .own : .foreign
        } else {
            self = .unsaid
        }
    }

    /// `http://localhost:3001/page` names `localhost:3001`; `null` names nothing.
    private static func authority(of address: String) -> Substring? {
        address.firstRange(of: "://").map { address[$0.upperBound...].prefix { $0 != "/" } }
    }
}
