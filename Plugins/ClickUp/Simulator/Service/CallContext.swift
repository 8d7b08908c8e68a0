import Glibc
import Hummingbird
import NIOCore

/// Keeps the connection at hand for faults that need more than an answer.
struct CallContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Aborts the connection: the client sees a reset, not an end.
    func abort() async throws {
        if let socket = channel as? any SocketOptionProvider {
            try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try await channel.close()
    }
}

/// Ends the handling of a request whose connection was cut on purpose.
struct ConnectionCut: Error {}
