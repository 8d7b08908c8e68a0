import PluginKit
import Synchronization

@testable import ClickUp

/// A ClickUp in memory: answers by path and query, and what a test puts in front of that.
final class FakeClickUp: Transport {
    struct State {
        var requests: [String] = []
        /// Exact path with query, or path alone: the answers to give first, in turn.
        var faults: [String: [Result<Response, TransportError>]] = [:]
        /// As many times as asked.
        var alwaysFailing: [String: Response] = [:]
        var answers: [String: String] = [
            "/api/v2/team":
                #"{"teams":[{"id":"9","name":"Nine","members":[{"user":{"id":1,"username":"Ada"}}]}]}"#,
            "/api/v2/team/9/space?archived=false": #"{"spaces":[{"id":"90","name":"Space"}]}"#,
            "/api/v2/team/9/space?archived=true":
                #"{"spaces":[{"id":91,"name":"Old","archived":true}]}"#,
            "/api/v2/space/90/folder?archived=false":
                #"{"folders":[{"id":"500","lists":[{"id":"600","folder":{"id":"500"}}]}]}"#,
            "/api/v2/space/90/list?archived=false":
                #"{"lists":[{"id":"601","folder":{"id":"501","hidden":true}}]}"#,
        ]
        var onRequest: (@Sendable (String) -> Void)?
    }

    let state = Mutex(State())

    func answer(_ path: String, _ body: String) { state.withLock { $0.answers[path] = body } }

    /// Docs in the listing, each with one page.
    func setDocs(_ docs: [String]) {
        answer(Self.listing(), #"{"docs":[\#(docs.joined(separator: ","))]}"#)
    }

    static func listing(archived: Bool = false, _ rest: String = "") -> String {
        "/api/v3/workspaces/9/docs?limit=100&archived=\(archived)&deleted=false\(rest)"
    }

    static func pages(_ doc: String) -> String { "/api/v3/workspaces/9/docs/\(doc)/pages" }

    func fail(_ path: String, _ answers: Result<Response, TransportError>...) {
        state.withLock { $0.faults[path] = answers }
    }

    var requests: [String] { state.withLock { $0.requests } }
    func requests(_ path: String) -> Int { requests.count { $0.hasPrefix(path) } }

    func send(_ request: Request) async throws -> Response {
        try Task.checkCancellation()
        let target = String(request.url.dropFirst(Settings.defaultBaseURL.count))
        let path = String(target.prefix { $0 != "?" })
        let hook = state.withLock { state in
            state.requests.append(target)
            return state.onRequest
        }
        hook?(target)
        return try state.withLock { state in
            for key in [target, path] {
                if let response = state.alwaysFailing[key] { return response }
                guard var faults = state.faults[key], !faults.isEmpty else { continue }
                let first = faults.removeFirst()
                state.faults[key] = faults
                return try first.get()
            }
            return Self.response(
                state.answers[target] ?? state.answers[path] ?? Self.standard(path))
        }
    }

    private static func standard(_ path: String) -> String {
        let parts = path.split(separator: "/")
        switch parts.last {
        case "space": return #"{"spaces":[]}"#
        case "folder": return #"{"folders":[]}"#
        case "list": return #"{"lists":[]}"#
        case "task": return #"{"tasks":[],"last_page":true}"#
        case "comment", "reply": return #"{"comments":[]}"#
        case "docs": return #"{"docs":[]}"#
        case "pages":
            let doc = parts[parts.count - 2]
            return #"[{"id":"\#(doc)-p","name":"Page","content":"text","authors":[1,2]}]"#
        default: return "null"
        }
    }

    static func response(_ body: String, status: Int = 200) -> Response {
        Response(status: status, body: Array(body.utf8))
    }
}

/// Time that passes only while somebody sleeps.
final class FakeTime: Sendable {
    let milliseconds = Mutex<Int64>(1_000_000)
    let slept = Mutex<[Duration]>([])

    var timekeeper: Timekeeper {
        Timekeeper(
            now: { self.milliseconds.withLock { $0 } },
            sleep: { duration in
                try Task.checkCancellation()
                self.slept.withLock { $0.append(duration) }
                self.milliseconds.withLock { $0 += Int64(duration / .milliseconds(1)) }
                await Task.yield()
            },
            random: { 0.5 })
    }
}

/// Runs the import as the plugin does, errors translated alike.
func runImport(_ clickUp: FakeClickUp, _ call: ImportCall, _ time: FakeTime = FakeTime())
    async throws
{
    do {
        try await ClickUpPlugin().run(
            call, try Settings(call), clickUp, timekeeper: time.timekeeper)
    } catch let error as UpstreamError {
        throw PluginError(error)
    }
}
