import Core
import Hummingbird
import NIOCore

extension RequestBody {
    /// A small body as a whole.
    static func collect(_ request: Request, limit: Int) async throws -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(.payloadTooLarge, "The body may have \(limit) bytes.")
        } catch {
            throw Problem(.badRequest, "The body cannot be read: it is cut off or malformed.")
        }
    }
}
