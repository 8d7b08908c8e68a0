import Foundation
import Synchronization

/// Debian's Chromium without a window, driven by its DevTools protocol.  It does not outlive this object.
///
/// The protocol goes over a socket that the browser has as its descriptors 3 and 4, so no port is needed: messages of
/// JSON, each ended by a NUL.
final class Browser: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let process: ChildProcess
    private let profile: TemporaryFolder
    private let connection: Connection

    static func start() throws -> Browser {
        var ends: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failure(description: "socketpair: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[1]) }
        return try Browser(socket: ends[0], ofBrowser: ends[1])
    }

    private init(socket: CInt, ofBrowser: CInt) throws {
        profile = try TemporaryFolder()
        connection = Connection(socket)
        process = try ChildProcess(
            "/usr/bin/chromium",
            [
                // Tests may run as root, where its sandbox does not work.
                "--headless", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu",
                "--disable-background-networking", "--user-data-dir=\(profile.url.path)", "about:blank",
            ], descriptors: [3: ofBrowser, 4: ofBrowser])
    }

    /// A tab with a session of its own, as a window of this size.
    func tab(width: Int = 1200, height: Int = 900) async throws -> Tab {
        let target = try await send("Target.createTarget", ["url": "about:blank"])
        let attached = try await send(
            "Target.attachToTarget", ["targetId": target["targetId"] ?? .null, "flatten": true])
        guard let session = attached["sessionId"]?.string else { throw Failure(description: "no session") }
        let tab = Tab(self, session: session)
        for domain in ["Page", "Runtime", "Log"] { try await tab.send("\(domain).enable") }
        try await tab.resize(width: width, height: height)
        return tab
    }

    /// A tab at a daemon's page.
    func open(_ daemon: DaemonProcess, _ path: String = "/") async throws -> Tab {
        let tab = try await tab()
        try await tab.open("http://127.0.0.1:\(daemon.port)\(path)")
        return tab
    }

    @discardableResult
    func send(_ method: String, _ parameters: JSON = [:], session: String? = nil) async throws -> JSON {
        try await connection.call(method, parameters, session: session)
    }

    /// What the browser has told of its own accord.
    func events(session: String) -> [JSON] { connection.events.filter { $0["sessionId"]?.string == session } }

    private final class Connection: Sendable {
        private struct State {
            var number = 0
            var answers: [Int: CheckedContinuation<JSON, any Error>] = [:]
            var events: [JSON] = []
            var isOver = false
        }

        private let socket: CInt
        private let state = Mutex(State())

        init(_ socket: CInt) {
            self.socket = socket
            Thread.detachNewThread { [self] in read() }
        }

        var events: [JSON] { state.withLock { $0.events } }

        func call(_ method: String, _ parameters: JSON, session: String?) async throws -> JSON {
            let answer = try await withThrowingTaskGroup(of: JSON.self) { group in
                group.addTask { try await self.answer(to: method, parameters, session) }
                group.addTask {
                    try await Task.sleep(for: patience)
                    throw TimedOut(description: "the browser does not answer to \(method)")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? .null
            }
            if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
            return answer["result"] ?? .null
        }

        private func answer(to method: String, _ parameters: JSON, _ session: String?) async throws -> JSON {
            let number = state.withLock { state in
                state.number += 1
                return state.number
            }
            var message: [String: JSON] = [
                "id": .number(Double(number)), "method": .string(method), "params": parameters,
            ]
            if let session { message["sessionId"] = .string(session) }
            let bytes = Array(try JSON.object(message).text.utf8) + [0]
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let isOver = state.withLock { state in
                        state.answers[number] = continuation
                        return state.isOver
                    }
                    if isOver { end() } else { write(bytes) }
                }
            } onCancel: {
                state.withLock { $0.answers.removeValue(forKey: number) }?.resume(throwing: CancellationError())
            }
        }

        private func write(_ bytes: [UInt8]) {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 || errno == EINTR else { return end() }
                sent += max(0, count)
            }
        }

        private func read() {
            var pending: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = recv(socket, &buffer, buffer.count, 0)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                pending += buffer[..<count]
                guard let last = pending.lastIndex(of: 0) else { continue }
                for message in pending[..<last].split(separator: 0) { take(String(decoding: message, as: UTF8.self)) }
                pending.removeFirst(last + 1)
            }
            close(socket)
            end()
        }

        private func take(_ text: String) {
            guard let message = try? JSON(text) else { return }  // not a message that anyone here waits for
            let waiting = state.withLock { state -> CheckedContinuation<JSON, any Error>? in
                guard let number = message["id"]?.integer else {
                    state.events.append(message)
                    return nil
                }
                return state.answers.removeValue(forKey: number)
            }
            waiting?.resume(returning: message)
        }

        private func end() {
            let left = state.withLock { state in
                state.isOver = true
                defer { state.answers = [:] }
                return state.answers.values
            }
            for continuation in left { continuation.resume(throwing: Failure(description: "the browser has ended")) }
        }
    }
}
