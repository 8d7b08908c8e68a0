import Core
import Testing

@Suite struct TokenBucketTests {
    @Test func `so many at once, then as many as time brings`() {
        var bucket = TokenBucket(capacity: 3, perSecond: 2)
        let start = ContinuousClock.now
        func takes(_ count: Int, at milliseconds: Int) -> [Bool] {
            (0..<count).map { _ in bucket.take(at: start + .milliseconds(milliseconds)) }
        }
        #expect(takes(4, at: 0) == [true, true, true, false])
        #expect(takes(1, at: 499) == [false])
        #expect(takes(1, at: 500) == [true])
        #expect(takes(1, at: 501) == [false])
        #expect(takes(5, at: 3_600_000) == [true, true, true, false, false])
    }
}
