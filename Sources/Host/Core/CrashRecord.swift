/// How often in a row the plugin of an integration has crashed, and whether it is in quarantine for that.
///
/// Holds no clock and does nothing by itself, like `RunStateMachine`.
package struct CrashRecord: Sendable, Equatable {
    package var integration: String
    /// Which content of the plugin's file crashed; another one has no record.
    package let sha256: String
    package private(set) var crashes = 0
    /// How the last run ended, in a sentence.
    package private(set) var reason = ""
    /// nil: it has not crashed often enough.
    package private(set) var quarantine: Quarantine?

    /// The file is not run until `nextTry`; that run decides how it goes on.
    package struct Quarantine: Sendable, Equatable {
        package var since: Timestamp
        package var nextTry: Timestamp

        package init(since: Timestamp, nextTry: Timestamp) {
            self.since = since
            self.nextTry = nextTry
        }
    }

    /// So many crashes in a row are no accident.
    package static let threshold = 3
    /// Doubled with each crash beyond the threshold.
    private static let firstPause = Duration.seconds(60)
    private static let longestPause = Duration.seconds(86_400)

    package init(integration: String, sha256: String) {
        self.integration = integration
        self.sha256 = sha256
    }

    /// As a store kept it.
    package init(
        integration: String, sha256: String, crashes: Int, reason: String, quarantine: Quarantine?
    ) {
        self.init(integration: integration, sha256: sha256)
        self.crashes = crashes
        self.reason = reason
        self.quarantine = quarantine
    }

    package mutating func crashed(_ reason: String, at now: Timestamp) {
        crashes += 1
        self.reason = reason
        guard crashes >= Self.threshold else { return }
        quarantine = Quarantine(since: quarantine?.since ?? now, nextTry: now + pause)
    }

    /// Whether a run may begin.  When the time for a try has come, one may: who comes next waits for
    /// what becomes of it.
    package mutating func admits(at now: Timestamp) -> Bool {
        guard let current = quarantine else { return true }
        guard current.nextTry <= now else { return false }
        quarantine = Quarantine(since: current.since, nextTry: now + pause)
        return true
    }

    private var pause: Duration {
        // 2^11 minutes are more than the longest pause.
        min(Self.firstPause * (1 << min(max(crashes - Self.threshold, 0), 11)), Self.longestPause)
    }
}
