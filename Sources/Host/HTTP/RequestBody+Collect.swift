import Core
import Hummingbird
import NIOCore

extension API {
    /// A request's small body as a whole.
    ///
    /// One that does not come in time is refused, and its connection closed: what may still come of it
    /// would be taken for the next request.
    func collectBody(of request: Request, _ context: APIContext) async throws -> [UInt8] {
        let (limit, patience) = (settings.maximumBody, settings.bodyPatience)
        return try await withThrowingTaskGroup { group in
            defer { group.cancelAll() }
            group.addTask { try await Self.collect(request.body, limit: limit) }
            group.addTask {
                try await Task.sleep(for: patience)
                context.channel.eventLoop.scheduleTask(in: Self.lastAnswer) { context.channel.close(promise: nil) }
                throw Problem(
                    .badRequest, "The body did not arrive within \(patience).",
                    hint: "Content-Length may be more than what was sent.")
            }
            return try await group.next() ?? []
        }
    }

    /// How long a client that was too slow has to read that.
    private static let lastAnswer = TimeAmount.seconds(1)

    private static func collect(_ body: RequestBody, limit: Int) async throws -> [UInt8] {
        do {
            return Array(try await body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(.payloadTooLarge, "The body may have \(limit) bytes.")
        } catch {
            throw Problem(.badRequest, "The body cannot be read: it is cut off or malformed.")
        }
    }
}
