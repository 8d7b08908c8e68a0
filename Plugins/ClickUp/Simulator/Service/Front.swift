import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// The way of every API request: log, pause, token, rate limit, fault, route, gzip.
struct Front: Sendable {
    let simulator: Simulator
    /// Below this, gzip makes bodies longer rather than shorter.
    private static let gzipFrom = 512

    func respond(
        _ request: Request, _ context: CallContext, _ route: @Sendable () throws -> Answer
    ) async throws -> Response {
        let line = RequestLine(method: request.method.rawValue, path: request.uri.path, query: request.uri.query ?? "")
        let ticket = simulator.requests.withLock { $0.begin(line, at: Simulator.now) }
        var status: Int?
        var fault: Fault?
        defer { simulator.requests.withLock { $0.end(ticket, status: status, faulty: fault != nil) } }

        try await pause(simulator.options.latency)
        let grant: RateLimit.Grant
        do throws(APIError) {
            grant = try admit(request)
        } catch {
            status = error.status.code
            return send(Answer(error), for: request)
        }
        var answer: Answer
        if grant.isOverLimit {
            answer = Answer(.rateLimited, grant)
        } else {
            fault = simulator.faults.withLock { $0.take(for: line) }
            if let delay = fault?.delay { try await pause(delay) }
            if fault?.action == .reset {
                try await context.abort()
                throw ConnectionCut()
            }
            answer = fault?.replacement(grant) ?? Answer(grant, route)
        }
        answer.override(fault?.headers ?? [:])
        status = answer.status.code
        switch fault?.action {
        case .truncate: return truncated(packed(answer, for: request), context)
        case .drip: return dripping(packed(answer, for: request))
        case .stall: return stalling(packed(answer, for: request))
        default: return send(answer, for: request)
        }
    }

    private static let drip = 256

    private func dripping(_ answer: Answer) -> Response {
        Response(
            status: answer.status, headers: answer.headers,
            body: ResponseBody(contentLength: answer.body.count) { writer in
                var left = answer.body[...]
                while !left.isEmpty {
                    try await writer.write(ByteBuffer(bytes: left.prefix(Self.drip)))
                    left = left.dropFirst(Self.drip)
                    try await pause(Span(milliseconds: 5))
                }
                try await writer.finish(nil)
            })
    }

    /// Ends with the connection, or with the simulator.
    private func stalling(_ answer: Answer) -> Response {
        Response(
            status: answer.status, headers: answer.headers,
            body: ResponseBody(contentLength: answer.body.count) { writer in
                try await writer.write(ByteBuffer(bytes: answer.body.prefix(answer.body.count / 2)))
                try await pause(Span(milliseconds: 600_000))
                throw ConnectionCut()
            })
    }

    /// A shutdown does not wait for pauses: then the connection is closed without an answer.
    private func pause(_ span: Span) async throws {
        guard span.milliseconds > 0 else { return }
        try await cancelWhenGracefulShutdown {
            try await Task.sleep(for: span.duration, tolerance: .zero)
        }
    }

    private func admit(_ request: Request) throws(APIError) -> RateLimit.Grant {
        guard let token = request.headers[.authorization], !token.isEmpty else { throw .tokenMissing }
        // Personal tokens stand alone; whatever follows "Bearer" would be an OAuth token, and there are none here.
        if token.lowercased().hasPrefix("bearer ") { throw .bearerUnknown }
        guard token == simulator.token else { throw .tokenInvalid }
        let options = simulator.options
        return simulator.rateLimit.withLock {
            $0.take(limit: options.rateLimit, window: options.window, now: Simulator.now)
        }
    }

    private func packed(_ answer: Answer, for request: Request) -> Answer {
        let accepted = request.headers[.acceptEncoding] ?? ""
        guard answer.body.count >= Self.gzipFrom, accepted.contains("gzip"),
            let body = Gzip.system?.compressed(answer.body)
        else { return answer }
        var packed = answer
        packed.body = body
        packed.headers[.contentEncoding] = "gzip"
        packed.headers[.vary] = "Accept-Encoding"
        return packed
    }

    private func send(_ answer: Answer, for request: Request) -> Response {
        let packed = packed(answer, for: request)
        return Response(
            status: packed.status, headers: packed.headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: packed.body)))
    }

    /// Announces all bytes, sends half of them and closes.
    private func truncated(_ answer: Answer, _ context: CallContext) -> Response {
        let half = ByteBuffer(bytes: answer.body.prefix(answer.body.count / 2))
        return Response(
            status: answer.status, headers: answer.headers,
            body: ResponseBody(contentLength: answer.body.count) { writer in
                try await writer.write(half)
                // The write was handed to the event loop before; closing from there comes after it.
                try await context.channel.eventLoop.flatSubmit { context.channel.close() }.get()
                throw ConnectionCut()
            })
    }
}

extension Answer {
    /// What the route says, with the headers of the limit.
    fileprivate init(_ grant: RateLimit.Grant, _ route: () throws -> Answer) {
        do {
            self = try route()
            headers.append(contentsOf: grant.headers)
        } catch let error as APIError {
            self.init(error, grant)
        } catch {
            self.init(.internalError, grant)
        }
    }

    fileprivate init(_ error: APIError, _ grant: RateLimit.Grant) {
        self.init(error)
        if error.hasRateLimitHeaders { headers.append(contentsOf: grant.headers) }
    }

    fileprivate mutating func override(_ fields: [String: String]) {
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
    }
}

extension Fault {
    /// nil: the real answer follows.
    fileprivate func replacement(_ grant: RateLimit.Grant) -> Answer? {
        guard replacesAnswer else { return nil }
        var answer = page
        answer.headers.append(contentsOf: grant.headers)
        if status?.code == 429 {
            answer.headers[.rateLimitRemaining] = "0"
            // A real window would keep a test waiting for a minute.
            answer.headers[.rateLimitReset] = String(Simulator.now / 1000 + 1)
        }
        return answer
    }

    private var page: Answer {
        let code = status?.code ?? (action == .html ? 502 : 200)
        var answer: Answer
        switch action {
        case .html:
            answer = Answer(
                status: .init(code: code), html: "<html><body><h1>\(code) Bad Gateway</h1></body></html>\n")
        case .notJSON:
            answer = Answer("")
            answer.body = Array("{\"docs\": [{\"id\": oops".utf8)
        default:
            answer = Answer(code == 429 ? .rateLimited : .internalError)
        }
        answer.status = .init(code: code)
        if let body { answer.body = Array(body.utf8) }
        return answer
    }
}
