import Core
import HTTPTypes

extension OpenAPI {
    /// What a route's place in the table does not tell.
    struct Operation {
        var method: HTTPRequest.Method
        var path: String
        var id: String
        var tag: String
        var summary: String
        var description: String?
        var parameters: [JSONValue] = []
        var body: JSONValue?
        var answers: [Answer]
        /// Why it may refuse, beside what can happen to every request.
        var problems: [ErrorCode] = []

        func describes(_ route: Route) -> Bool { method == route.method && path == route.path }

        /// - Parameters:
        ///   - scope: nil: about nobody's things.
        ///   - isOpen: to everyone.
        func json(scope: Principal.Scope?, isOpen: Bool) -> JSONValue {
            var json: JSONValue = [
                "operationId": .string(id), "summary": .string(summary), "tags": [.string(tag)],
            ]
            json["description"] = description.map(JSONValue.string)
            var parameters = parameters
            if scope != nil { parameters += [OpenAPI.parameter("Organization"), OpenAPI.parameter("Project")] }
            if !parameters.isEmpty { json["parameters"] = .array(parameters) }
            json["requestBody"] = body
            json["responses"] = responses(isOpen: isOpen)
            json["security"] = isOpen ? [] : Self.security(scope)
            return json
        }

        private static func security(_ scope: Principal.Scope?) -> JSONValue {
            guard let scope = scope?.rawValue else { return [["bearer": []]] }
            return [["bearer": [.string(scope)]], ["session": [.string(scope)]]]
        }

        private func responses(isOpen: Bool) -> JSONValue {
            var codes = problems
            if !isOpen {
                codes += [.badRequest, .unauthenticated, .forbidden, .forbiddenTenant, .crossSite, .internal]
            }
            let byStatus = Dictionary(grouping: codes) { $0.status.code }
            let all = answers + byStatus.map { Answer(status: $0.key, codes: $0.value) }
            return .object(all.sorted { $0.status < $1.status }.map { .init(String($0.status), $0.asJSON) })
        }
    }

    /// One status that an operation may answer with.
    struct Answer {
        var status: Int
        var description: String
        /// Media types and what they are.
        var content: JSONValue?
        var headers: JSONValue?

        var asJSON: JSONValue {
            var json: JSONValue = ["description": .string(description)]
            json["headers"] = headers
            json["content"] = content
            return json
        }

        static func json(
            _ description: String, _ schema: JSONValue, status: Int = 200, headers: JSONValue? = nil
        ) -> Answer {
            Answer(
                status: status, description: description, content: ["application/json": ["schema": schema]],
                headers: headers)
        }

        /// A list and the cursor of what follows.
        static func page(_ description: String, of item: JSONValue) -> Answer {
            json(description, OpenAPI.page(of: item))
        }
    }
}

extension OpenAPI.Answer {
    /// A refusal for one of these reasons, which are all of one status.
    fileprivate init(status: Int, codes: [ErrorCode]) {
        let headers: JSONValue? =
            switch status {
            case 401: ["WWW-Authenticate": ["schema": OpenAPI.string]]
            case 429, 503: ["Retry-After": ["description": "In seconds.", "schema": OpenAPI.count]]
            default: nil
            }
        self.init(
            status: status, description: codes.map { "`\($0.rawValue)`" }.joined(separator: ", "),
            content: ["application/problem+json": ["schema": OpenAPI.schema("Problem")]], headers: headers)
    }
}
