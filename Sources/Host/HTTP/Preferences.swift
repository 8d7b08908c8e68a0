import Core
import HTTPTypes
import Hummingbird

/// How long a client would wait for an answer.
enum Patience {
    /// A client behind a proxy gets its answer before the proxy gives up.
    static let most = Duration.seconds(60)

    /// `Prefer: wait=30` (RFC 7240); nil when there is none.
    static func preferred(_ request: Request) -> Duration? {
        for value in request.headers[values: HTTPField.Name("Prefer")!] {
            for preference in value.split(separator: ",") {
                let parts = preference.split(separator: "=").map { $0.filter { $0 != " " } }
                if parts.count == 2, parts[0].lowercased() == "wait", let seconds = Int(parts[1]), seconds >= 0 {
                    return min(.seconds(seconds), most)
                }
            }
        }
        return nil
    }

    /// `?wait=30s`
    static func queried(_ request: Request) throws(Problem) -> Duration? {
        guard let text = Query(request)["wait"] else { return nil }
        let digits = text.hasSuffix("ms") ? text.dropLast(2) : text.hasSuffix("s") ? text.dropLast() : text[...]
        guard let number = Int(digits), number >= 0 else {
            throw Problem(.badRequest, "wait is a time such as 30s.")
        }
        return min(text.hasSuffix("ms") ? .milliseconds(number) : .seconds(number), most)
    }
}

/// Runs `body`, but returns after `limit` at the latest; `body` is cancelled then and has to return.
func atMost(_ limit: Duration, _ body: @escaping @Sendable () async -> Void) async {
    await withTaskGroup { group in
        group.addTask { await body() }
        group.addTask { try? await Task.sleep(for: limit) }  // cancelled: over
        await group.next()
        group.cancelAll()
    }
}
