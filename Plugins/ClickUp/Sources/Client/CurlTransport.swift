import CCurl
import Glibc
import PluginKit
import Synchronization

/// libcurl as a `Transport`. `close()` must be called: it ends the thread.
final class CurlTransport: Transport {
    /// The largest answer that is taken, decompressed.
    static let maximumBody = 64 << 20

    /// Once per process.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let loop: CurlLoop
    private let nextID = Atomic<UInt64>(0)

    /// Connections are kept and used again; never more than `maximumConnections` of them.
    init(maximumConnections: Int) throws {
        guard Self.isReady, let handle = curl_multi_init() else {
            throw PluginError(.transient, code: "internal", message: "libcurl cannot be started.")
        }
        _ = ccurl_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, maximumConnections)
        _ = ccurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, maximumConnections)
        loop = CurlLoop(
            multi: CurlLoop.Multi(handle: handle), maximumTransfers: maximumConnections)
        try start(handle)
    }

    private func start(_ handle: UnsafeMutableRawPointer) throws {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(loop).toOpaque()
        let code = pthread_create(&thread, nil, runLoop, argument)
        guard code == 0 else {
            Unmanaged<CurlLoop>.fromOpaque(argument).release()
            curl_multi_cleanup(handle)
            throw PluginError(
                .transient, code: "internal", message: "No thread for libcurl: errno \(code).")
        }
        pthread_detach(thread)
    }

    func send(_ request: Request) async throws -> Response {
        try Task.checkCancellation()
        let id = nextID.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                loop.post(
                    .start(
                        CurlTransfer(
                            id: id, request: request, maximumBody: Self.maximumBody,
                            continuation: continuation)))
                // The handler below may have run before there was anything to cancel.
                if Task.isCancelled { loop.post(.cancel(id)) }
            }
        } onCancel: {
            loop.post(.cancel(id))
        }
    }

    /// Cancels what is under way and returns once the thread has given everything back.
    func close() async {
        await withCheckedContinuation { loop.post(.stop($0)) }
    }
}

private func runLoop(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { Unmanaged<CurlLoop>.fromOpaque(argument).takeRetainedValue().run() }
    return nil
}
