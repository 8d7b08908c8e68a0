import Foundation
import Glibc
import Synchronization
import Testing

@testable import PluginHost

/// Over real sockets.
@Suite(.timeLimit(.minutes(1))) struct SharedListenerTests {
    private let listener: SharedListener

    init() throws { listener = try SharedListener() }

    /// Hears until it has that many bytes, on whatever thread that is.
    private final class Ear: SharedListener.Ear {
        let socket: CInt
        let wanted: Int
        let isDone = DispatchSemaphore(value: 0)
        var heard: [UInt8] = []
        var isElsewhere = true
        private let own = pthread_self()

        init(_ socket: CInt, wanted: Int) { (self.socket, self.wanted) = (socket, wanted) }

        func hear() -> Bool {
            isElsewhere = isElsewhere && pthread_equal(own, pthread_self()) == 0
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = recv(socket, &bytes, bytes.count, CInt(MSG_DONTWAIT))
            heard += bytes.prefix(max(0, count))
            guard heard.count < wanted else {
                isDone.signal()
                return false
            }
            return true
        }
    }

    private func pair() -> [CInt] {
        var ends: [CInt] = [-1, -1]
        socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends)
        return ends
    }

    @Test func `while one waits, another thread hears all that comes, until it wants no more`() {
        let ends = pair()
        defer { ends.forEach { close($0) } }
        let ear = Ear(ends[0], wanted: 3)
        listener.listen(at: ends[0], for: ear) {
            for byte in [1, 2, 3] as [UInt8] { withUnsafeBytes(of: byte) { _ = send(ends[1], $0.baseAddress, 1, 0) } }
            ear.isDone.wait()
        }
        #expect(ear.heard == [1, 2, 3])
        #expect(ear.isElsewhere)
    }

    @Test func `nothing is heard for one who has left, and all that came meanwhile when it comes again`() {
        let (ends, others) = (pair(), pair())
        defer { (ends + others).forEach { close($0) } }
        let ear = Ear(ends[0], wanted: 2)
        listener.listen(at: ends[0], for: ear) {}
        for byte in [1, 2] as [UInt8] { withUnsafeBytes(of: byte) { _ = send(ends[1], $0.baseAddress, 1, 0) } }
        // The listener has been round since then.
        let other = Ear(others[0], wanted: 1)
        listener.listen(at: others[0], for: other) {
            withUnsafeBytes(of: UInt8(9)) { _ = send(others[1], $0.baseAddress, 1, 0) }
            other.isDone.wait()
        }
        #expect(ear.heard.isEmpty)
        listener.listen(at: ends[0], for: ear) { ear.isDone.wait() }
        #expect(ear.heard == [1, 2])
    }

    @Test func `one who comes again at once is heard again, however late the listener is with what was before`() {
        let ends = pair()
        defer { ends.forEach { close($0) } }
        let isHeard = (0..<50_000).allSatisfy { _ in
            let ear = Ear(ends[0], wanted: 1)
            return listener.listen(at: ends[0], for: ear) {
                withUnsafeBytes(of: UInt8(1)) { _ = send(ends[1], $0.baseAddress, 1, 0) }
                return ear.isDone.wait(timeout: .now() + 10) == .success
            }
        }
        #expect(isHeard)
    }

    @Test func `many are heard side by side, each its own`() async {
        let listener = listener
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 as Range<UInt8> {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            var ends: [CInt] = [-1, -1]
                            socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends)
                            let ear = Ear(ends[0], wanted: 20)
                            listener.listen(at: ends[0], for: ear) {
                                for _ in 0..<20 {
                                    withUnsafeBytes(of: number) { _ = send(ends[1], $0.baseAddress, 1, 0) }
                                }
                                ear.isDone.wait()
                            }
                            ends.forEach { close($0) }
                            continuation.resume(returning: ear.heard == Array(repeating: number, count: 20))
                        }
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
