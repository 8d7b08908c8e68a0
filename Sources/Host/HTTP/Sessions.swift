import Core
import Crypto
import HTTPTypes
import Hummingbird

extension Authenticator {
    /// Stands for a token in a cookie, where native EventSource can send it: when it ends, and a
    /// code over that and the token which only this daemon can make.
    ///
    /// Nothing of it is kept, so it outlives a restart; and it ends with its token.
    struct Session {
        /// `<milliseconds since 1970>.<64 hexadecimal digits>`
        var text: String
        var end: Timestamp
    }

    private static let sessionLifetime = Duration.seconds(12 * 3600)

    /// nil: not a token that is known.
    func session(bearer: String, at now: Timestamp) -> Session? {
        guard let token = token(bearer: bearer) else { return nil }
        let end = now + Self.sessionLifetime
        let code = HMAC<SHA256>.authenticationCode(for: Self.claim(token, end: end), using: sessionKey)
        return Session(text: "\(end.milliseconds).\(Array(code).hexadecimal)", end: end)
    }

    /// nil: not one that this daemon made, or no longer.
    func principal(session text: String, at now: Timestamp) -> Principal? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let code = [UInt8](hexadecimal: parts[1]),
            now < Timestamp(milliseconds: milliseconds)
        else { return nil }
        var found: Principal?
        for token in tokens {
            let claim = Self.claim(token, end: Timestamp(milliseconds: milliseconds))
            if HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: claim, using: sessionKey) {
                found = token.principal
            }
        }
        return found
    }

    private static func claim(_ token: Token, end: Timestamp) -> [UInt8] {
        token.digest + Array("\(end.milliseconds)".utf8)
    }
}

/// The cookie that carries a session.
enum SessionCookie {
    private static let name = "integrationd_session"
    /// Scripts cannot read it, and no browser sends it along with what other sites ask for.
    private static let attributes = "Path=/; HttpOnly; SameSite=Strict"

    static func text(in request: Request) -> Substring? {
        for header in request.headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0] == name { return parts[1] }
            }
        }
        return nil
    }

    /// - Parameter request: a browser tells in it whether the way to the server is protected, also
    ///   where a proxy ends TLS.
    static func setting(_ session: Authenticator.Session, for request: Request) -> String {
        let isProtected = request.headers[.origin]?.hasPrefix("https://") == true
        return "\(name)=\(session.text); \(attributes)\(isProtected ? "; Secure" : "")"
    }

    static var clearing: String { "\(name)=; \(attributes); Max-Age=0" }
}

extension [UInt8] {
    fileprivate init?(hexadecimal text: Substring) {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0]! << 4 | digits[$0 + 1]!) }
    }
}
