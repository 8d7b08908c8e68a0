import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// `/_simulator/…`: for tests. No token, no rate limit, no faults, not in the request log.
struct ControlRoutes: Sendable {
    let simulator: Simulator
    /// Enough for a doc of a thousand pages or one of tens of megabytes.
    private static let maxBody = 256 << 20

    func add(to router: Router<CallContext>) {
        let control = router.group("_simulator")
        addSwitches(to: control)
        addEdits(to: control)
        addProjects(to: control)
    }

    private func addProjects(to control: RouterGroup<CallContext>) {
        control.get("truth") { request, _ in
            let hasViews = request.uri.queryParameters["views"] == "true"
            return response(
                Truth(projects: simulator.projects, library: simulator.library, hasViews: hasViews).json)
        }
        control.post("views/:id") { request, context in
            let id = try context.parameters.require("id")
            return try await answer(request) { (change: ViewChange) in
                try simulator.editProjects { projects, _ in
                    guard let view = projects.view(id: id) else {
                        throw ControlError(.notFound, "there is no view \(id)")
                    }
                    projects.say(change.comment, in: view)
                }
                return ["id": .string(id)]
            }
        }
        control.post("mutate") { request, _ in
            try await answer(request) { (mutation: Mutation) in try mutation.run(on: simulator) }
        }
        control.post("tasks") { request, _ in
            try await answer(request) { (new: TaskChange) in
                guard let task = simulator.editProjects({ $0.add(new, now: $1) }) else {
                    throw ControlError(.notFound, "the new task's list or parent is not there")
                }
                return ["id": .string(task.id), "list": .int(task.list), "date_updated": .int(task.updated)]
            }
        }
        control.post("tasks/:id") { request, context in
            let id = try context.parameters.require("id")
            return try await answer(request) { (change: TaskChange) in
                try simulator.editProjects { projects, now in
                    guard let task = projects.tasks.task(id: id) else {
                        throw ControlError(.notFound, "there is no task \(id)")
                    }
                    projects.change(task, change, now: now)
                }
                return ["id": .string(id)]
            }
        }
        for kind in PlaceKind.allCases {
            control.post("\(kind.rawValue)/:id") { request, context in
                let id = try context.parameters.require("id", as: Int.self)
                return try await answer(request) { (change: PlaceChange) in
                    guard simulator.editProjects({ projects, _ in projects.change(kind, id, change) }) else {
                        throw ControlError(.notFound, "there is no \(id) among the \(kind.rawValue)")
                    }
                    return ["id": .int(id)]
                }
            }
        }
    }

    private func addSwitches(to control: RouterGroup<CallContext>) {
        control.get("requests") { _, _ in
            response(simulator.requests.withLock { $0 }.json)
        }
        control.delete("requests") { _, _ in
            simulator.requests.withLock { $0.reset() }
            return response([:])
        }
        control.post("faults") { request, _ in
            try await answer(request) { (faults: OneOrMore<Fault>) in
                [
                    "rules": .int(
                        simulator.faults.withLock {
                            $0.add(faults.values); return $0.count
                        })
                ]
            }
        }
        control.delete("faults") { _, _ in
            simulator.faults.withLock { $0.removeAll() }
            return response([:])
        }
        control.get("deliveries") { _, _ in response(simulator.courier.json) }
        control.get("options") { _, _ in
            response(simulator.options.json)
        }
        control.post("options") { request, _ in
            try await answer(request) { (change: OptionsChange) in
                simulator.change(change)
                return simulator.options.json
            }
        }
    }

    private func addEdits(to control: RouterGroup<CallContext>) {
        control.post("docs") { request, _ in
            try await answer(request) { (new: DocChange) in
                let doc = try simulator.edit { library, now in library.add(new, now: now) }
                return summary(of: doc)
            }
        }
        control.post("docs/:id") { request, context in
            let id = try context.parameters.require("id")
            return try await answer(request) { (change: DocChange) in
                let doc = try simulator.edit { library, now in
                    guard let doc = library.doc(id: id) else { throw ControlError(.notFound, "there is no doc \(id)") }
                    library.change(doc, change, now: now)
                    return doc
                }
                return summary(of: doc)
            }
        }
        control.post("pages/:id") { request, context in
            let id = try context.parameters.require("id")
            return try await answer(request) { (change: PageChange) in
                let doc = try simulator.edit { library, now in
                    guard let (doc, page) = library.page(id: id) else {
                        throw ControlError(.notFound, "there is no page \(id)")
                    }
                    library.change(page, of: doc, change, now: now)
                    return doc
                }
                return summary(of: doc)
            }
        }
    }

    /// The doc after the change, and the ids of its pages, parents first.
    private func summary(of doc: Doc) -> JSON {
        let library = simulator.library
        let doc = library.doc(at: doc.index) ?? doc
        return [
            "id": .string(doc.id), "name": doc.name.map { .string($0) } ?? .null, "date_updated": .int(doc.updated),
            "deleted": .bool(doc.isDeleted), "archived": .bool(doc.isArchived),
            "pages": .array(library.pages(of: doc).map { .string($0.id) }),
        ]
    }

    private func answer<Body: Decodable>(
        _ request: Request, _ act: (Body) throws -> JSON
    ) async throws -> Response {
        do {
            let buffer = try await request.body.collect(upTo: Self.maxBody)
            return response(try act(JSONDecoder().decode(Body.self, from: Data(buffer.readableBytesView))))
        } catch let error as DecodingError {
            return response(["error": .string(describe(error))], .badRequest)
        } catch let error as ControlError {
            return response(["error": .string(error.message)], error.status)
        }
    }

    private func response(_ json: JSON, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}

private struct ControlError: Error {
    let status: HTTPResponse.Status
    let message: String

    init(_ status: HTTPResponse.Status, _ message: String) {
        self.status = status
        self.message = message
    }
}

/// One object, or an array of them.
struct OneOrMore<Element: Decodable & Sendable>: Decodable, Sendable {
    let values: [Element]

    init(from decoder: any Decoder) throws {
        // Not an array: then it must be one, whose error is the one reported.
        let isArray = (try? decoder.unkeyedContainer()) != nil
        values = isArray ? try [Element](from: decoder) : [try Element(from: decoder)]
    }
}
