import Client
import Testing

@Suite("How long a client waits before it comes back")
struct BackoffTests {
    /// Always the largest, or always the smallest number that there is.
    private struct Constant: RandomNumberGenerator {
        var value: UInt64
        mutating func next() -> UInt64 { value }
    }

    private static func pauses(_ value: UInt64, count: Int, asked: Duration = .zero) -> [Double] {
        var backoff = Backoff()
        var random = Constant(value: value)
        return (0..<count).map { _ in
            let pause = backoff.next(asked: asked, using: &random).components
            return Double(pause.seconds) + Double(pause.attoseconds) / 1e18
        }
    }

    @Test func `the random part doubles up to thirty seconds, and may be nothing`() {
        for (pause, limit) in zip(Self.pauses(.max, count: 100), [1.0, 2, 4, 8, 16] + Array(repeating: 30, count: 95)) {
            #expect(pause < limit + 0.001 && pause > limit * 0.99)
        }
        #expect(Self.pauses(0, count: 10).allSatisfy { $0 == 0 })
    }

    @Test func `what the server asks for comes first`() {
        #expect(Self.pauses(0, count: 3, asked: .seconds(2)) == [2, 2, 2])
        #expect(Self.pauses(.max, count: 1, asked: .seconds(2))[0] > 2.9)
    }

    @Test func `after a success it begins anew`() {
        var backoff = Backoff()
        var random = Constant(value: .max)
        for _ in 1...8 { _ = backoff.next(asked: .zero, using: &random) }
        backoff.succeeded()
        #expect(backoff.next(asked: .zero, using: &random) < .seconds(1.01))
    }
}
