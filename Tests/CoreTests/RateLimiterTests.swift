import Core
import Testing

/// Times in these tests are milliseconds.
private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

@Suite struct RateLimiterTests {
    /// A limiter that has had its first answer: 5 a second, and this window ends at 10,500.
    private func learned(limit: Int64 = 5) -> RateLimiter {
        var limiter = RateLimiter()
        #expect(limiter.reserve(1, at: at(9_500)) == at(9_500))
        limiter.observe(limit: limit, remaining: limit - 1, reset: at(10_500), at: at(9_510))
        return limiter
    }

    @Test func `while no limit is known nothing waits`() {
        var limiter = RateLimiter()
        for time in 0..<500 { #expect(limiter.reserve(1, at: at(Int64(time))) == at(Int64(time))) }
        #expect(limiter.outlook(at: at(500)) == nil)
    }

    @Test func `what a window has left goes at once, the rest when it is over`() {
        var limiter = learned()
        let starts = (0..<10).map { _ in limiter.reserve(1, at: at(9_600)).milliseconds }
        #expect(starts[0..<4].allSatisfy { $0 == 9_600 })
        #expect(starts[4..<9].allSatisfy { $0 == 10_520 })
        #expect(starts[9] == 11_585)
    }

    @Test func `a cost is taken as a whole, and one above the limit gets a window of its own`() {
        var limiter = learned()
        #expect(limiter.reserve(3, at: at(9_600)) == at(9_600))
        #expect(limiter.reserve(2, at: at(9_600)) == at(10_520))
        #expect(limiter.reserve(1, at: at(9_600)) == at(9_600))
        #expect(limiter.reserve(9, at: at(9_600)) == at(11_585))
        #expect(limiter.reserve(.max, at: at(9_600)) == at(12_650))
        #expect(limiter.reserve(.min, at: at(9_600)) == at(10_520))
    }

    @Test func `what was given back is there again`() {
        var limiter = learned()
        for _ in 0..<4 { _ = limiter.reserve(1, at: at(9_600)) }
        let later = limiter.reserve(5, at: at(9_600))
        limiter.release(5, startingAt: later, at: at(9_700))
        #expect(limiter.reserve(5, at: at(9_700)) == later)
        limiter.release(1, startingAt: at(9_600), at: at(9_700))
        #expect(limiter.reserve(1, at: at(9_710)) == at(9_710))
        #expect(limiter.reserve(1, at: at(9_710)) > at(9_710))
    }

    @Test func `what others use of the account is noticed`() {
        var limiter = learned(limit: 100)
        #expect(limiter.outlook(at: at(9_600))?.room == 99)
        _ = limiter.reserve(1, at: at(9_600))
        limiter.observe(limit: 100, remaining: 10, reset: at(10_500), at: at(9_610))
        #expect(limiter.outlook(at: at(9_610))?.room == 10)
    }

    @Test func `an answer that was overtaken gives nothing back`() {
        var limiter = learned(limit: 100)
        for _ in 0..<3 { _ = limiter.reserve(1, at: at(9_600)) }
        limiter.observe(limit: 100, remaining: 96, reset: at(10_500), at: at(9_620))
        limiter.observe(limit: 100, remaining: 98, reset: at(10_500), at: at(9_630))
        limiter.observe(limit: 100, remaining: 97, reset: at(10_500), at: at(9_640))
        #expect(limiter.outlook(at: at(9_640))?.room == 96)
    }

    @Test func `a refusal shuts the window, also where no limit was ever named`() {
        var limiter = RateLimiter()
        _ = limiter.reserve(1, at: at(0))
        limiter.observe(limit: nil, remaining: 0, reset: at(30_000), at: at(100))
        #expect(limiter.reserve(1, at: at(200)) == at(31_020), "whole seconds may be rounded down")
        #expect(limiter.reserve(1, at: at(40_000)) == at(40_000))
    }

    @Test func `a refusal that ends before the window is a pause, and the window goes on`() {
        var limiter = RateLimiter()
        _ = limiter.reserve(1, at: at(500))
        limiter.observe(limit: 100, remaining: 99, reset: at(60_500), at: at(510))
        _ = limiter.reserve(1, at: at(600))
        limiter.observe(limit: 100, remaining: 0, reset: at(1_700), at: at(700))
        #expect(limiter.reserve(1, at: at(800)) == at(1_700))
        #expect(limiter.outlook(at: at(1_800))?.room == 97)
        #expect(limiter.reserve(1, at: at(1_800)) == at(1_800))
    }

    @Test func `a limit that grows counts at once`() {
        var limiter = learned(limit: 2)
        _ = limiter.reserve(1, at: at(9_600))
        #expect(limiter.reserve(1, at: at(9_600)) > at(9_600))
        limiter.observe(limit: 1_000, remaining: 998, reset: at(10_500), at: at(9_610))
        #expect(limiter.reserve(1, at: at(9_610)) == at(9_610))
    }

    @Test func `requests that end without an answer hold nothing for ever`() {
        var limiter = learned(limit: 5)
        for _ in 0..<4 { _ = limiter.reserve(1, at: at(9_600)) }
        // Two windows later nobody waits for them any more.
        #expect(limiter.reserve(1, at: at(10_600)) == at(10_600))
        limiter.observe(limit: 5, remaining: 4, reset: at(11_600), at: at(10_610))
        #expect(limiter.reserve(1, at: at(12_000)) == at(12_000))
        #expect(limiter.outlook(at: at(12_000)).map { $0.room >= 3 } == true)
    }

    @Test func `times from far away break nothing`() {
        var limiter = learned()
        for reset in [Int64.min, -1, 0, .max] {
            for count in [Int64.min, -1, 0, 7, .max] {
                _ = limiter.reserve(count, at: at(9_700))
                limiter.observe(limit: count, remaining: count, reset: at(reset), at: at(9_700))
                limiter.release(count, startingAt: at(reset), at: at(9_700))
            }
        }
        #expect(limiter.reserve(1, at: at(9_700)) < at(9_700 + 200 * 86_400_000))
    }
}
