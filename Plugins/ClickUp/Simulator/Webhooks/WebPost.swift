import NIOCore
import NIOHTTP1
import NIOPosix

/// One POST over plain HTTP on a connection of its own.
struct WebPost: Sendable {
    private let host: String
    private let port: Int
    private let path: String

    /// nil: no `http://host[:port][/path]`.
    init?(_ endpoint: String) {
        guard endpoint.hasPrefix("http://") else { return nil }
        let rest = endpoint.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" }
        let parts = authority.split(separator: ":", maxSplits: 1)
        guard let name = parts.first, let port = parts.count == 1 ? 80 : Int(parts[1]) else { return nil }
        (host, self.port) = (String(name), port)
        path = authority.endIndex == rest.endIndex ? "/" : String(rest[authority.endIndex...])
    }

    /// The answer's status; nil: none came within that time.
    func send(_ body: [UInt8], signature: String, within limit: Duration) async -> Int? {
        await withTaskGroup(of: Int?.self) { group in
            group.addTask { try? await exchange(body, signature) }  // no answer is told by nil
            group.addTask {
                try? await Task.sleep(for: limit)  // whoever is cancelled does not wait
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private func exchange(_ body: [UInt8], _ signature: String) async throws -> Int? {
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let head = HTTPRequestHead(
            version: .http1_1, method: .POST, uri: path,
            headers: [
                "Host": "\(host):\(port)", "Content-Type": "application/json", "Content-Length": "\(body.count)",
                "X-Signature": signature, "Connection": "close",
            ])
        return try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(.head(head))
            try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: body))))
            try await outbound.write(.end(nil))
            for try await case .head(let head) in inbound { return Int(head.status.code) }
            return nil
        }
    }
}
