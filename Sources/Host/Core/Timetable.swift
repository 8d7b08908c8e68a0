/// When an integration is imported without being asked, and what happens where that does not fit.
package struct Timetable: Sendable, Hashable {
    /// What becomes of an import that is due while another one of the same integration goes on.
    package enum Overlap: String, Sendable, Hashable, CaseIterable {
        /// It is left out.
        case skip
        /// It begins when the other one ends; several become one.
        case queue
    }

    package var schedule: Schedule
    package var overlap: Overlap
    /// Whether an import that was due while the daemon was not there is made up for, once.
    package var catchesUp: Bool
    /// How much later than its schedule says it is due, in seconds: always the same, so that the
    /// time between two imports is, and another one for each seed, so that not all integrations
    /// of all machines ask their sources at the full minute.
    package var offset: Int64

    /// - Parameters:
    ///   - jitter: the most that `offset` may be; nil: a tenth of the time between two imports, a
    ///     minute at most.
    ///   - seed: such as the machine's name and the integration's.
    package init(
        _ schedule: Schedule, jitter: Duration? = nil, overlap: Overlap = .skip, catchesUp: Bool = true,
        seed: String
    ) {
        self.schedule = schedule
        self.overlap = overlap
        self.catchesUp = catchesUp
        let most = jitter.map { max(0, $0.components.seconds) } ?? Self.usualJitter(of: schedule)
        offset = Int64(Self.hash(seed) % UInt64(most + 1))
    }

    private static func usualJitter(of schedule: Schedule) -> Int64 {
        guard let first = schedule.next(after: 0), let second = schedule.next(after: first) else { return 0 }
        return min((second - first) / 10, 60)
    }

    /// FNV-1a: the same in every process, which Swift's own hash is not.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// The first time after `time` at which an import is due.
    package func next(after time: Timestamp) -> Timestamp? {
        let seconds = time.milliseconds >= 0 ? time.milliseconds / 1_000 : (time.milliseconds - 999) / 1_000
        return schedule.next(after: seconds - offset).map { Timestamp(milliseconds: ($0 + offset) * 1_000) }
    }

    /// Whether an import was due after the last one began, and did not happen.
    package func hasMissed(since last: Timestamp, at now: Timestamp) -> Bool {
        guard catchesUp, let due = next(after: last) else { return false }
        return due <= now
    }
}
