import PluginKit
import Synchronization

/// Asks ClickUp's API: authentication, the rate limit, retries and errors.
final class ClickUpClient: Sendable {
    private let settings: Settings
    private let transport: any Transport
    private let timekeeper: Timekeeper
    private let headers: [String]
    private let window = Mutex(RateWindow())
    /// The host's, which all calls with this token share; nil: a host without, then `window` counts.
    private let sharedLimit: RateLimit?
    private let waitSign: WaitSign
    private let call: any PluginCall
    /// How far ClickUp's clock is ahead of this machine's, in milliseconds.
    private let clockSkew = Mutex<Int64?>(nil)
    /// Requests of a whole window, by the last answer that told.
    private let lastLimit = Mutex<Int64?>(nil)

    init(settings: Settings, transport: any Transport, timekeeper: Timekeeper, call: any PluginCall) {
        self.call = call
        self.settings = settings
        sharedLimit = call.rateLimit(account: settings.account)
        self.transport = transport
        self.timekeeper = timekeeper
        headers = [
            "Authorization: \(settings.token)", "Accept: application/json",
            "User-Agent: integrationd-clickup/0.1",
        ]
        waitSign = WaitSign(call: call)
    }

    /// The JSON below `path`. Tries again while that may help; throws `UpstreamError` or
    /// `CancellationError`.
    func get(_ path: String, _ query: [(name: String, value: String)] = []) async throws
        -> JSONValue
    {
        let url = settings.baseURL + path + Self.encode(query)
        var budget = RetryBudget()
        while true {
            let ticket = try await admission()
            let error: UpstreamError
            do {
                return try await attempt(url, ticket)
            } catch let failure as UpstreamError {
                error = failure
            }
            guard let delay = budget.delay(after: error, random: timekeeper.random()) else {
                throw error
            }
            try await pause(delay, error.message)
        }
    }

    /// ClickUp's clock as far as its answers tell, in milliseconds since 1970.
    var serverTime: Int64 { timekeeper.now() + (clockSkew.withLock { $0 } ?? 0) }

    var limit: Int64? { lastLimit.withLock { $0 } }

    func warnOfClearText() {
        let host = settings.baseURL.split(separator: "/").dropFirst().first ?? ""
        let isLocal = ["127.", "localhost", "[::1]"].contains { host.hasPrefix($0) }
        if settings.baseURL.lowercased().hasPrefix("http://"), !isLocal {
            call.log(.warning, "base_url is http://: the API token travels unencrypted to \(host).")
        }
    }

    /// Path components are ids from outside; they are escaped where a path is built.
    static func escape(_ component: String) -> String {
        var text = ""
        let digits = Array("0123456789ABCDEF")
        for byte in component.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ".") where component != "." && component != "..": text.append(".")
            default:
                text.append("%")
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
        }
        return text
    }

    /// The docs of a workspace.
    static func docs(of workspace: String) -> String { "/api/v3/workspaces/\(escape(workspace))/docs" }

    private static func encode(_ query: [(name: String, value: String)]) -> String {
        guard !query.isEmpty else { return "" }
        return "?" + query.map { "\(escape($0.name))=\(escape($0.value))" }.joined(separator: "&")
    }
}

extension ClickUpClient {
    /// Waits until the token's limit has room for one more request.
    private func admission() async throws -> UInt64 {
        try Task.checkCancellation()
        if let sharedLimit {
            try await reserve(sharedLimit)
            return 0
        }
        while true {
            let now = timekeeper.now()
            switch window.withLock({ $0.admit(now: now) }) {
            case .go(let ticket): return ticket
            case .wait(let until):
                // A little jitter, so that not everything that waited starts in one instant.
                let jitter = Duration.milliseconds(Int64(timekeeper.random() * 250))
                try await pause(.milliseconds(until - now) + jitter, Self.limitReason)
            }
        }
    }

    private static let limitReason = "ClickUp's rate limit is used up."

    private func reserve(_ limit: RateLimit) async throws {
        let wait = try limit.reserve()
        guard wait > .zero else { return }
        do {
            // The host has said so already.
            try await timekeeper.sleep(wait)
        } catch {
            limit.release()
            throw error
        }
    }

    /// The end of a request that was admitted.
    private func settle(_ ticket: UInt64, _ answer: Response?, now: Int64) {
        if let sharedLimit {
            let limit = answer?.rateLimit ?? .init()
            let isRefusal = answer?.status == 429
            let wanted = answer?.retryAfter.flatMap { isRefusal ? now + $0 * 1_000 : nil }
            let reset = wanted ?? RateWindow.milliseconds(limit.reset, now: now)
            return sharedLimit.observe(
                limit: limit.limit.map { Int(clamping: $0) },
                remaining: isRefusal ? 0 : limit.remaining.map { Int(clamping: $0) },
                reset: reset.map { Timestamp(milliseconds: $0) })
        }
        guard let answer else { return window.withLock { $0.finish(ticket: ticket) } }
        window.withLock { $0.finish(ticket: ticket, answer.rateLimit, now: now) }
    }

    private func pause(_ duration: Duration, _ reason: String) async throws {
        let milliseconds = Int64(duration / .milliseconds(1))
        guard milliseconds > WaitSign.shortest else {
            return try await timekeeper.sleep(duration)
        }
        await waitSign.begin(until: timekeeper.now() + milliseconds, reason: reason)
        do {
            try await timekeeper.sleep(duration)
        } catch {
            await waitSign.end()
            throw error
        }
        await waitSign.end()
    }

    private func attempt(_ url: String, _ ticket: UInt64) async throws -> JSONValue {
        let response: Response
        do {
            response = try await transport.send(Request(url: url, headers: headers))
        } catch {
            settle(ticket, nil, now: timekeeper.now())
            throw (error as? TransportError).map(UpstreamError.init) ?? error
        }
        let now = timekeeper.now()
        settle(ticket, response, now: now)
        if let date = response.date { clockSkew.withLock { $0 = $0 ?? date - now } }
        if let limit = response.rateLimit.limit { lastLimit.withLock { $0 = limit } }
        return try judge(response, now: now)
    }

    private func judge(_ response: Response, now: Int64) throws -> JSONValue {
        if (200..<300).contains(response.status) { return try decode(response.body) }
        // An error page need not be JSON; then its status decides.
        let body = try? JSONValue(parsing: response.body)
        let excerpt = Excerpt.body(response.body, masking: settings.token)
        var error = UpstreamError(response: response, body: body, excerpt: excerpt)
        error.message = Excerpt.mask(error.message, settings.token)
        if error.kind == .rateLimited {
            let end = window.withLock { $0.refuse(response, now: now) }
            error.wait = end.map { .milliseconds($0 - now) }
        }
        throw error
    }

    private func decode(_ body: [UInt8]) throws -> JSONValue {
        do {
            return try JSONValue(parsing: body)
        } catch {
            let excerpt = Excerpt.body(body, masking: settings.token)
            throw UpstreamError(
                kind: .invalidAnswer,
                message: "ClickUp's answer is not JSON (\(error)), it begins: \(excerpt)")
        }
    }
}
