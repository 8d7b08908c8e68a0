import Glibc

/// Time and chance, so that tests decide both.
struct Timekeeper: Sendable {
    /// Milliseconds since 1970.
    var now: @Sendable () -> Int64
    var sleep: @Sendable (Duration) async throws -> Void
    /// From 0 to less than 1.
    var random: @Sendable () -> Double

    static let system = Timekeeper(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        },
        sleep: { try await Task.sleep(for: $0) },
        random: { Double.random(in: 0..<1) })
}
