import Core
import HTTPTypes
import Hummingbird

/// Without tokens, the machine itself is the credential, and any web page that its user looks at
/// could use it.  So only requests that name this machine, and that no foreign page made, pass.
enum SameSite {
    static func check(_ request: Request, allowedOrigins: [String]) throws(Problem) {
        guard isLoopback(request.head.authority ?? "") else {
            throw Problem(
                .crossSite, "Without tokens only requests to a loopback address are served.",
                hint: "Configure `auth:` to be reached by another name.")
        }
        if let origin = request.headers[.origin], allowedOrigins.contains(origin) { return }
        guard PageOrigin(request) != .foreign else {
            throw Problem(
                .crossSite, "A page of another origin may not ask this server.",
                hint: "Name its origin in `server.cors`, or ask from a page of this server.")
        }
    }

    /// `localhost`, 127.0.0.0/8 or `[::1]`, with or without a port.
    static func isLoopback(_ authority: String) -> Bool {
        var host = authority[...]
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") { host = host[..<colon] }
        if host.lowercased() == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension HTTPField.Name {
    static let secFetchSite = Self("Sec-Fetch-Site")!
    static let secFetchMode = Self("Sec-Fetch-Mode")!
    static let secPurpose = Self("Sec-Purpose")!
    static let lastEventID = Self("Last-Event-ID")!
    static let organization = Self("X-Org-ID")!
    static let project = Self("X-Project-ID")!
    static let accelBuffering = Self("X-Accel-Buffering")!
}
