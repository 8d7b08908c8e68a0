import Foundation

/// A request of HTTP/2 whose answer may hold one byte and never more.
///
/// openssl brings the bytes there; what they are is RFC 9113: the preface, SETTINGS and HEADERS.
struct StalledHTTP2Stream {
    private let client: ChildProcess

    init(_ path: String, _ port: Int, _ identity: TLSIdentity, in folder: TemporaryFolder) throws {
        let initialWindowSize: [UInt8] = [0, 4, 0, 0, 0, 1]
        let endStreamAndHeaders: UInt8 = 0x5
        var request = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        request += Self.frame(type: 4, flags: 0, stream: 0, initialWindowSize)
        request += Self.frame(type: 1, flags: endStreamAndHeaders, stream: 1, Self.headers(path, port))
        let file = folder.path("request")
        try Data(request).write(to: URL(filePath: file))
        let input = open(file, O_RDONLY | O_CLOEXEC)
        defer { close(input) }
        client = try ChildProcess(
            "/usr/bin/openssl",
            ["s_client", "-quiet", "-alpn", "h2", "-connect", "127.0.0.1:\(port)", "-CAfile", identity.certificate],
            descriptors: [STDIN_FILENO: input])
    }

    var isConnected: Bool { kill(client.id, 0) == 0 }

    private static func frame(type: UInt8, flags: UInt8, stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF), type, flags, 0, 0, 0, stream] + payload
    }

    /// RFC 7541: GET and https from the static table, path and authority as they are.
    private static func headers(_ path: String, _ port: Int) -> [UInt8] {
        func literal(_ name: UInt8, _ value: String) -> [UInt8] { [name, UInt8(value.utf8.count)] + value.utf8 }
        return [0x82, 0x87] + literal(0x04, path) + literal(0x01, "127.0.0.1:\(port)")
    }
}
