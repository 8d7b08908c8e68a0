import PluginKit

/// Why ClickUp did not give what was asked for.
struct UpstreamError: Error, Hashable {
    enum Kind: Hashable {
        /// The token is missing, wrong or revoked: nothing else will work either.
        case unauthorized
        /// This one thing is not visible to the token.
        case forbidden
        case notFound
        case rateLimited
        /// 5xx, or no whole answer.
        case unavailable
        /// An answer that is not what the API promises.
        case invalidAnswer
        /// A refusal that will be repeated: another 4xx, a redirect, an answer over the limit.
        case refused
    }

    var kind: Kind
    var message: String
    /// How long ClickUp asks to wait.
    var wait: Duration?
    /// ClickUp's own code, "" where it gave none.
    var ecode = ""

    /// ClickUp says of a task that it was deleted, rather than that it cannot be seen.
    var saysDeleted: Bool { kind == .notFound && ecode == "ITEM_013" }

    /// Worth another try by itself, soon.
    var isRetryable: Bool {
        kind == .rateLimited || kind == .unavailable || kind == .invalidAnswer
    }

    /// The rest of the workspace can be had all the same.
    var isAboutOneThing: Bool { kind == .forbidden || kind == .notFound || kind == .refused }

    /// No other request would fare better.
    var endsRun: Bool { kind == .unauthorized || kind == .rateLimited }

    /// The code of the host's table.
    var code: String {
        switch kind {
        case .unauthorized: "upstream-unauthorized"
        case .forbidden: "upstream-forbidden"
        case .notFound: "upstream-not-found"
        case .rateLimited: "upstream-rate-limited"
        case .unavailable: "upstream-unavailable"
        case .invalidAnswer, .refused: "upstream-invalid-answer"
        }
    }

    private var status: PluginError.Status {
        switch kind {
        case .unauthorized: .authFailed
        case .forbidden, .notFound, .refused: .permanent
        case .rateLimited: .rateLimited
        case .unavailable, .invalidAnswer: .transient
        }
    }

    fileprivate var pluginError: PluginError {
        PluginError(status, code: code, message: message, retryAfter: wait)
    }
}

extension PluginError {
    init(_ error: UpstreamError) { self = error.pluginError }
}

extension JSONValue {
    /// What a listing has to have: where it is missing, what is not shown must not be taken for gone.
    func list(_ name: String) throws -> [JSONValue] {
        guard let list = self[name]?.array else {
            throw UpstreamError(kind: .invalidAnswer, message: "ClickUp's answer for the \(name) is no list.")
        }
        return list
    }
}

extension UpstreamError {
    init(_ error: TransportError) {
        switch error.kind {
        case .interrupted:
            self.init(kind: .unavailable, message: "ClickUp cannot be reached: \(error.message).")
        case .refused:
            self.init(kind: .refused, message: "ClickUp cannot be reached: \(error.message).")
        case .tooLarge:
            self.init(kind: .refused, message: "ClickUp's answer is refused: \(error.message).")
        }
    }

    /// What an answer outside 200–299 means. The ECODE decides before the status: ClickUp answers
    /// 401 also for an id that is wrong or not visible, and 400 for a missing token.
    init(response: Response, body: JSONValue?, excerpt: String) {
        let code = body?["ECODE"]?.text ?? ""
        let said = Self.said(status: response.status, body: body, excerpt: excerpt)
        switch Self.kind(ecode: code) ?? Self.kind(status: response.status) {
        case .unauthorized:
            self.init(
                kind: .unauthorized,
                message: "Authentication failed: ClickUp does not accept the API token (\(said)).")
        case .rateLimited:
            self.init(
                kind: .rateLimited, message: "ClickUp's rate limit is used up (\(said)).",
                wait: response.retryAfter.map { .seconds($0) })
        case .unavailable:
            self.init(
                kind: .unavailable, message: "ClickUp is unavailable (\(said)).",
                wait: response.retryAfter.map { .seconds($0) })
        case .forbidden:
            self.init(
                kind: .forbidden, message: "ClickUp does not show this to the token (\(said)).")
        case .notFound:
            self.init(kind: .notFound, message: "ClickUp has no such thing (\(said)).")
        case .invalidAnswer, .refused:
            self.init(kind: .refused, message: "ClickUp refused the request (\(said)).")
        }
        ecode = code
    }

    private static func said(status: Int, body: JSONValue?, excerpt: String) -> String {
        let text = body?["err"]?.string ?? body?["message"]?.string ?? excerpt
        let ecode = body?["ECODE"]?.text.map { " \($0)" } ?? ""
        let line = Excerpt.line(text, limit: 200)
        return line.isEmpty ? "\(status)\(ecode)" : "\(status)\(ecode): \(line)"
    }

    private static func kind(ecode: String) -> Kind? {
        if ecode == "APP_002" { return .rateLimited }
        if ecode == "SHARD_006" || ecode == "SHARD_024" { return .notFound }
        if ecode.hasPrefix("ACCESS_") { return .forbidden }
        guard ecode.hasPrefix("OAUTH_"), let number = Int(ecode.dropFirst(6)) else { return nil }
        switch number {
        case 17, 18, 19, 21, 25, 77: return .unauthorized
        case 23, 26, 27, 29...45: return .forbidden
        default: return nil
        }
    }

    private static func kind(status: Int) -> Kind {
        switch status {
        case 401: .unauthorized
        case 403: .forbidden
        case 404, 410: .notFound
        case 429: .rateLimited
        case 500...: .unavailable
        default: .refused
        }
    }
}

/// Text from outside, made fit for one line of a message.
enum Excerpt {
    static func line(_ text: String, limit: Int) -> String {
        let scalars = text.unicodeScalars.lazy
            .map { $0.properties.generalCategory == .control ? " " : $0 }
        var line = String.UnicodeScalarView()
        line.append(contentsOf: scalars.prefix(limit))
        return String(line)
    }

    /// The first bytes of an answer, without the token, should the answer repeat it.
    static func body(_ bytes: [UInt8], masking token: String, limit: Int = 200) -> String {
        // A token that starts within the limit may end beyond it.
        let window = bytes.prefix(limit * 4 + token.utf8.count)
        let text = String(decoding: window, as: UTF8.self)
        return line(mask(text, token), limit: limit)
    }

    static func mask(_ text: String, _ token: String) -> String {
        let secret = token.split(separator: " ").last.map(String.init) ?? token
        return secret.isEmpty
            ? text
            : text.split(separator: secret, omittingEmptySubsequences: false)
                .joined(separator: "***")
    }
}
