import Core
import Engine
import Testing

@Suite struct WebhookQueueTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private func take(_ queue: inout WebhookQueue, at milliseconds: Int64) -> WebhookQueue.Bundle? {
        queue.take(at: at(milliseconds))
    }

    @Test func `a burst becomes one bundle when it has been quiet for a while`() throws {
        var queue = WebhookQueue()
        queue.add(["ids": ["1"]], number: 1, at: at(0))
        queue.add(["ids": ["2", "1"]], number: 2, at: at(1_500))
        #expect(queue.due == at(3_500) && take(&queue, at: 3_499) == nil)
        let bundle = try #require(take(&queue, at: 3_500))
        #expect(bundle.settings == ["ids": ["1", "2"]] && bundle.numbers == [1, 2])
        #expect(queue.isEmpty && queue.due == nil)
    }

    @Test func `an endless burst is imported all the same`() throws {
        var queue = WebhookQueue()
        for number in 0..<60 { queue.add(["ids": ["a"]], number: Int64(number), at: at(Int64(number) * 1_000)) }
        #expect(queue.due == at(30_000))
    }

    @Test func `what has failed is tried again later each time, four times, and holds nothing up`() throws {
        var queue = WebhookQueue()
        queue.add(["ids": ["1"]], number: 1, at: at(0))
        var bundle = try #require(take(&queue, at: 2_000))
        for delay: Int64 in [60, 300, 1_800, 7_200] {
            #expect(queue.putBack(bundle, at: at(5_000)) == at(5_000 + delay * 1_000))
            queue.add(["ids": ["2"]], number: 2, at: at(6_000))
            #expect(try #require(take(&queue, at: 8_000)).numbers == [2])
            #expect(take(&queue, at: 4_999 + delay * 1_000) == nil)
            bundle = try #require(take(&queue, at: 5_000 + delay * 1_000))
            #expect(bundle.numbers == [1] && bundle.settings == ["ids": ["1"]])
        }
        #expect(queue.putBack(bundle, at: at(5_000)) == nil && queue.isEmpty)
    }

    @Test func `what cannot be one run stays apart`() throws {
        var queue = WebhookQueue()
        queue.add(["ids": ["1"]], number: 1, at: at(0))
        queue.add(["docs": ["1"]], number: 2, at: at(1))
        queue.add(["ids": ["2"], "deep": true], number: 3, at: at(2))
        queue.add(["ids": ["3"], "deep": false], number: 4, at: at(3))
        queue.add(["ids": ["4"], "deep": true], number: 5, at: at(4))
        var taken: [JSONValue] = []
        while let bundle = queue.take(at: at(60_000)) { taken.append(bundle.settings) }
        #expect(
            taken == [
                ["ids": ["1"]], ["docs": ["1"]], ["ids": ["2", "4"], "deep": true], ["ids": ["3"], "deep": false],
            ])
    }

    @Test func `who asks for everything takes all others with it, and so does too much`() throws {
        var queue = WebhookQueue()
        queue.add(["ids": ["1"]], number: 1, at: at(0))
        queue.add([:], number: 2, at: at(1))
        queue.add(["ids": ["2"]], number: 3, at: at(2))
        let all = try #require(take(&queue, at: 60_000))
        #expect(all.settings == [:] && all.numbers == [1, 2, 3] && queue.isEmpty)

        for number in 0..<1_001 {
            queue.add(["ids": [.string("\(number)")]], number: Int64(number), at: at(0))
        }
        #expect(take(&queue, at: 60_000)?.settings == [:] && queue.isEmpty)

        for number in 0..<101 { queue.add(.object([.init("k\(number)", 1)]), number: Int64(number), at: at(0)) }
        #expect(take(&queue, at: 60_000)?.settings == [:] && queue.isEmpty)
    }
}
