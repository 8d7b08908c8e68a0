import Foundation

/// One connection on which exactly the given bytes are sent, and the answer is seen as it comes.
final class RawHTTP: @unchecked Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: CInt
    // One task uses a connection.
    private var pending: [UInt8] = []
    private var chunks: ChunkedBody?
    /// Bytes of the body that are still to come; nil: until the connection ends.
    private var left: Int?
    private(set) var head: ResponseHead?

    /// - Parameter receiveBuffer: bytes that the kernel takes for a client that does not read.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let problem = String(cString: strerror(errno))
            close(descriptor)
            throw Failure(description: "port \(port) takes no connection: \(problem)")
        }
    }

    deinit { close(descriptor) }

    /// A request without a body, and without any header that is not asked for but `Host`.
    static func get(_ path: String, port: Int, _ headers: [String] = []) async throws -> RawHTTP {
        try await request("GET \(path) HTTP/1.1\r\n" + lines(["Host: 127.0.0.1:\(port)"] + headers), port: port)
    }

    /// Sends these bytes and waits for the head of the answer.
    static func request(_ bytes: String, port: Int) async throws -> RawHTTP {
        let connection = try RawHTTP(port: port)
        try await connection.send(Array(bytes.utf8))
        try await connection.readHead()
        return connection
    }

    /// Header lines with the empty one that ends them.
    static func lines(_ headers: [String]) -> String { headers.map { $0 + "\r\n" }.joined() + "\r\n" }

    /// Leaves: the server sees the connection closed.
    func leave() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func send(_ bytes: [UInt8]) async throws {
        try await blocking { [descriptor] in
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Failure(description: "cannot send: \(String(cString: strerror(errno)))") }
                sent += count
            }
        }
    }

    /// What has come, at least a byte; nil at the end of the connection.
    private func receive(until deadline: ContinuousClock.Instant) async throws -> [UInt8]? {
        try await blocking { [descriptor] in
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while true {
                let ready = Glibc.poll(&poll, 1, deadline.millisecondsLeft)
                if ready < 0, errno == EINTR { continue }
                guard ready > 0 else { throw TimedOut(description: "the server said nothing") }
                var buffer = [UInt8](repeating: 0, count: 65536)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else {
                    throw Failure(description: "the connection broke: \(String(cString: strerror(errno)))")
                }
                return count == 0 ? nil : Array(buffer[..<count])
            }
        }
    }

    func readHead(within limit: Duration = patience) async throws {
        let deadline = ContinuousClock.now + limit
        let end: [UInt8] = [13, 10, 13, 10]
        while true {
            if let range = pending.firstRange(of: end) {
                let head = ResponseHead(String(decoding: pending[..<range.lowerBound], as: UTF8.self))
                pending.removeFirst(range.upperBound)
                self.head = head
                if head["transfer-encoding"] == "chunked" { chunks = ChunkedBody() }
                left = [204, 304].contains(head.status) ? 0 : head["content-length"].flatMap { Int($0) }
                return
            }
            guard let bytes = try await receive(until: deadline) else {
                throw Failure(description: "the connection ended before a head")
            }
            pending += bytes
        }
    }

    /// The next bytes of the body, as soon as there are any; nil at its proper end.
    func body(within limit: Duration = patience) async throws -> [UInt8]? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let body = try decodePending() { return body }
            if chunks?.isOver ?? (left == 0) { return nil }
            guard let bytes = try await receive(until: deadline) else {
                guard chunks == nil, left == nil else { throw Failure(description: "the body was cut off") }
                return nil
            }
            pending += bytes
        }
    }

    /// Nil if nothing of the body is there.
    private func decodePending() throws -> [UInt8]? {
        let body = try chunks?.decode(pending) ?? pending
        pending = []
        left = left.map { $0 - body.count }
        return body.isEmpty ? nil : body
    }

    /// Waits for the end of the connection, and fails when bytes come instead.
    func waitForEnd(within limit: Duration = patience) async throws {
        if let bytes = try await receive(until: .now + limit) {
            throw Failure(description: "\(bytes.count) bytes came where the connection should have ended")
        }
    }

    func wholeBody(within limit: Duration = patience) async throws -> [UInt8] {
        var whole: [UInt8] = []
        while let bytes = try await body(within: limit) { whole += bytes }
        return whole
    }
}

/// The head of a response, as it came.
struct ResponseHead: Sendable {
    /// The status line and the header lines, without their ends.
    let lines: [String]
    var status: Int { Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0 }
    /// Names in lower case.
    let headers: [(name: String, value: String)]

    init(_ text: String) {
        lines = text.components(separatedBy: "\r\n")
        headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            return (parts[0].lowercased(), (parts.last ?? "").trimmingCharacters(in: .whitespaces))
        }
    }

    /// The first header of that name.
    subscript(name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }
}
