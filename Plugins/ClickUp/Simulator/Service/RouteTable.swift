import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// One group of API routes, a file each in Routes.
protocol RouteSet: SendableMetatype {
    static func add(to table: RouteTable)
}

/// Where sets of routes enter themselves.
struct RouteTable {
    let router: Router<CallContext>
    let front: Front

    func get(_ path: String, _ answer: @escaping @Sendable (Call) throws -> JSON) {
        let front = front
        router.get(RouterPath(path)) { request, context in
            let call = Call(
                simulator: front.simulator, parameters: context.parameters, query: request.uri.queryParameters)
            return try await front.respond(request, context) { Answer(try answer(call)) }
        }
    }

    /// A route that changes something; a body that is no JSON object counts as an empty one.
    func write(
        _ method: HTTPRequest.Method, _ path: String,
        _ answer: @escaping @Sendable (Call, [String: BodyValue]) throws -> JSON
    ) {
        let front = front
        router.on(RouterPath(path), method: method) { request, context in
            let call = Call(
                simulator: front.simulator, parameters: context.parameters, query: request.uri.queryParameters)
            let buffer = try await request.body.collect(upTo: 1 << 20)
            let body =
                (try? JSONDecoder().decode([String: BodyValue].self, from: Data(buffer.readableBytesView))) ?? [:]
            return try await front.respond(request, context) { Answer(try answer(call, body)) }
        }
    }
}

/// As much of a request's body as routes look at.
enum BodyValue: Decodable, Sendable {
    case text(String)
    case texts([String])
    case number(Int)
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Each of these only asks whether it is one.
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let texts = try? container.decode([String].self) {
            self = .texts(texts)
        } else if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else {
            self = .other
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    /// Ids are numbers in some bodies and texts in others.
    var number: Int? { if case .number(let number) = self { number } else { text.flatMap { Int($0) } } }
    var texts: [String]? { if case .texts(let texts) = self { texts } else { text.map { [$0] } } }
}

/// One request as a route sees it.
struct Call: Sendable {
    let simulator: Simulator
    fileprivate let parameters: Parameters
    fileprivate let query: Parameters

    var workspace: Workspace { simulator.workspace }

    /// A path parameter; the route's path says that it is there.
    func parameter(_ name: String) -> String {
        parameters.get(name) ?? ""
    }

    /// A query parameter, decoded.
    func query(_ name: String) -> String? {
        query.get(name)
    }

    /// A query parameter that may stand there several times. The server decodes values and no names: clients may escape
    /// the brackets in these.
    func queries(_ name: String) -> [String] {
        query.getAll(name) + query.getAll(name.replacing("[", with: "%5B").replacing("]", with: "%5D"))
    }

    /// Places, tasks and webhooks as they are at this moment.
    var projects: Projects { simulator.projects }

    func number(_ name: String) -> Int? {
        query(name).flatMap { Int($0) }
    }

    func flag(_ name: String) -> Bool {
        query(name) == "true"
    }

    /// Refuses another workspace than the token's, the way ClickUp does.
    func checkWorkspace(_ name: String) throws {
        let text = parameter(name)
        guard let id = Int(text) else { throw APIError.workspaceIDInvalid(text) }
        guard id == workspace.id else { throw APIError.workspaceRefused }
    }
}

/// Answers what no route knows: another path as JSON, another method as HTML.
struct UnknownRoutes: RouterMiddleware {
    let front: Front

    func handle(
        _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && !request.uri.path.hasPrefix("/_simulator") {
            let isRead = request.method == .get || request.method == .head
            return try await front.respond(request, context) {
                if isRead { throw APIError.routeNotFound }
                return Answer(status: .notFound, html: "<html><body><pre>Cannot use this method</pre></body></html>\n")
            }
        }
    }
}
