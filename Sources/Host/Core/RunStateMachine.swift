/// When a run that is under way has to be stopped, and how hard.
///
/// Holds no clock and does nothing by itself: it is told what happens and when, and answers with
/// what to do.  Time is that of `ContinuousClock`.
package struct RunStateMachine: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package struct Limits: Sendable {
        /// How long the run may take in all.
        package var timeout: Duration?
        /// How long it may say nothing.
        package var stalledAfter: Duration
        /// How long the plugin may take to stop after it was asked, before it is made to.
        package var cancelGrace: Duration

        package init(timeout: Duration?, stalledAfter: Duration, cancelGrace: Duration) {
            self.timeout = timeout
            self.stalledAfter = stalledAfter
            self.cancelGrace = cancelGrace
        }
    }

    /// Why the host ends a run that would go on.
    package enum StopReason: Sendable, Equatable {
        case cancelled, timeout, stalled
        /// The daemon stops.
        case shutdown
        /// Something on the host's side failed: a store, a frame without sense.
        case failure(RunFailure)
    }

    /// What the caller has to do now.
    package enum Action: Sendable, Equatable {
        /// Ask the plugin to stop.
        case cancel
        /// SIGTERM.
        case terminate
        /// SIGKILL.
        case kill
        /// Nothing helps: go on without it.
        case abandon
    }

    private enum Phase: Equatable {
        case running
        /// The plugin said that it waits; silence is expected until then.
        case waiting(until: Instant)
        /// Stopping, and what comes next if that does not help.
        case stopping(next: Action?, at: Instant)
    }

    private let limits: Limits
    private let deadline: Instant?
    private var phase = Phase.running
    private var lastHeard: Instant
    package private(set) var stopReason: StopReason?

    package init(limits: Limits, startedAt now: Instant) {
        self.limits = limits
        deadline = limits.timeout.map { now + $0 }
        lastHeard = now
    }

    /// When `tick` has to be called at the latest.
    package var nextDeadline: Instant {
        switch phase {
        case .stopping(let next, let at): next == nil ? at + .seconds(3600) : at
        case .running: min(lastHeard + limits.stalledAfter, deadline ?? .farFuture(from: lastHeard))
        case .waiting(let until):
            min(max(until, lastHeard) + limits.stalledAfter, deadline ?? .farFuture(from: until))
        }
    }

    /// The plugin said something other than that it waits.
    package mutating func heard(at now: Instant) {
        lastHeard = now
        if case .waiting(let until) = phase, until <= now { phase = .running }
    }

    /// The plugin says that it waits until then, or no longer.
    package mutating func waits(until: Instant?, at now: Instant) {
        lastHeard = now
        switch (phase, until) {
        case (.stopping, _): return
        case (_, let until?): phase = .waiting(until: until)
        case (_, nil): phase = .running
        }
    }

    package var isWaiting: Bool { if case .waiting = phase { true } else { false } }

    /// Something wants the run to end; the first reason counts.
    package mutating func stop(_ reason: StopReason, at now: Instant) -> Action? {
        guard stopReason == nil else { return nil }
        stopReason = reason
        phase = .stopping(next: .terminate, at: now + limits.cancelGrace)
        return .cancel
    }

    /// Time has passed.
    package mutating func tick(at now: Instant) -> Action? {
        guard now >= nextDeadline else { return nil }
        switch phase {
        case .running, .waiting:
            return stop(deadline.map { now >= $0 } == true ? .timeout : .stalled, at: now)
        case .stopping(let next, _):
            let following: [Action: Action] = [.terminate: .kill, .kill: .abandon]
            phase = .stopping(next: next.flatMap { following[$0] }, at: now + Self.harder)
            return next
        }
    }

    /// How long SIGTERM and SIGKILL are given.
    private static let harder = Duration.seconds(2)
}

extension ContinuousClock.Instant {
    fileprivate static func farFuture(from now: Self) -> Self { now + .seconds(366 * 86_400) }
}
