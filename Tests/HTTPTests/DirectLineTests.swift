import Core
import Engine
import Glibc
import NIOCore
import Testing

@testable import HTTP

/// Over a real socket, whose other end reads late or never.
@Suite(.timeLimit(.minutes(1))) final class DirectLineTests {
    private let line = DirectLine(burst: .zero)
    private let ends: (ours: CInt, theirs: CInt)

    init() throws {
        var pair: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
        ends = (pair[0], pair[1])
    }

    deinit {
        close(ends.ours)
        close(ends.theirs)
    }

    private func lend(after cursor: Int64) {
        line.lend(ends.ours, at: .init(cursor: cursor, lastWrite: .now()))
    }

    /// News of one event.
    private func news(_ sequence: Int64, size: Int = 10, isOver: Bool = false) -> EventLog.News {
        let event = RunEvent(
            sequence: sequence, kind: .progress, step: "s", isReliable: true,
            body: "\"" + String(repeating: "x", count: size) + "\"")
        let log = EventLog(runID: RunID(at: .now), earlier: [event], reserved: .max)
        return .init(entries: log.read(after: 0).entries, previous: sequence - 1, isOver: isOver)
    }

    private func write(_ news: EventLog.News) -> Bool { line.write(news) }

    private func received() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = recv(ends.theirs, &bytes, bytes.count, CInt(MSG_DONTWAIT))
        return Array(bytes.prefix(max(0, count)))
    }

    private func chunk(_ news: EventLog.News) -> [UInt8] { StreamChunk.framed(news.entries[0].block) }

    @Test func `writes an event as one chunk, and the loop goes on behind it`() {
        lend(after: 6)
        let event = news(7)
        #expect(write(event))
        #expect(received() == chunk(event))
        #expect(line.recall()?.cursor == 7)
    }

    @Test func `writes nothing that is not lent, or no longer`() {
        #expect(!write(news(1)))
        lend(after: 0)
        #expect(line.recall()?.cursor == 0)
        #expect(!write(news(1)))
        #expect(line.recall() == nil)
        #expect(received().isEmpty)
    }

    @Test func `leaves to the loop what does not follow, comes with others, or is the end`() {
        lend(after: 3)
        #expect(!write(news(5)))
        #expect(!write(news(4, isOver: true)))
        var two = news(4)
        two.entries += news(5).entries
        #expect(!write(two))
        #expect(received().isEmpty)
        #expect(line.recall()?.cursor == 3)
    }

    @Test func `leaves a burst to the loop, which joins it to one write`() {
        let line = DirectLine(burst: .hours(1_000_000))
        line.lend(ends.ours, at: .init(cursor: 0, lastWrite: .now()))
        #expect(!line.write(news(1)))
        #expect(received().isEmpty && line.recall()?.cursor == 0)
    }

    @Test func `hands over what the connection did not take of an event, and writes no more`() throws {
        lend(after: 0)
        let large = news(1, size: 4 << 20)
        #expect(!write(large))
        #expect(!write(news(2)))
        var bytes = received()
        let position = try #require(line.recall())
        while true {
            let more = received()
            if more.isEmpty { break }
            bytes += more
        }
        #expect(position.cursor == 1)
        #expect(!position.rest.isEmpty && bytes + position.rest == chunk(large))
    }

    @Test func `a connection that is full, or gone, is the loop's, from where it was`() {
        lend(after: 0)
        let full = [UInt8](repeating: 0, count: 1 << 16)
        while send(ends.ours, full, full.count, CInt(MSG_DONTWAIT)) > 0 {}
        #expect(!write(news(1)))
        #expect(line.recall()?.cursor == 0)
        shutdown(ends.theirs, CInt(SHUT_RDWR))
        lend(after: 0)
        #expect(!write(news(1)))
        #expect(line.recall()?.cursor == 0)
    }
}
