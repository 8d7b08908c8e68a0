/// One import of one integration for one tenant.
package struct Run: Sendable {
    package var id: RunID
    package var integration: String
    package var tenant: Tenant
    package var status: RunStatus = .queued
    package var createdAt: Timestamp
    package var startedAt: Timestamp?
    package var endedAt: Timestamp?
    /// Who asked for it: the name of a token, `anonymous`, `cli` or `schedule`.
    package var requestedBy: String
    package var options = RunOptions()
    package var progress: RunProgress?
    package var counts = ImportCounts()
    package var result: JSONValue?
    package var failure: RunFailure?
    /// When a run that waits will go on.
    package var resumeAt: Timestamp?
    /// The number of the newest event; 0 before the first.
    package var lastEvent: Int64 = 0
    package var attempt = 1
    /// It is cancelled when nobody reads it for a while: its starter asked for that.
    package var endsUnread = false

    package init(
        id: RunID, integration: String, tenant: Tenant, createdAt: Timestamp, requestedBy: String
    ) {
        self.id = id
        self.integration = integration
        self.tenant = tenant
        self.createdAt = createdAt
        self.requestedBy = requestedBy
    }
}

package enum RunStatus: String, Sendable, CaseIterable {
    case queued, running, waiting, cancelling
    case succeeded
    case completedWithErrors = "completed_with_errors"
    case failed, cancelled, interrupted

    /// Whether a run in this status has ended for good.
    package var isTerminal: Bool {
        switch self {
        case .queued, .running, .waiting, .cancelling: false
        case .succeeded, .completedWithErrors, .failed, .cancelled, .interrupted: true
        }
    }
}

/// What a caller asked of a run beyond "import".
package struct RunOptions: Sendable, Equatable {
    /// Read everything again, as if nothing were known.
    package var isFull = false
    /// Empty means all.
    package var collections: [String] = []
    /// Run options of the plugin's own settings schema; an object.
    package var settings: JSONValue = [:]
    /// The run may delete more than a part of a collection.
    package var allowsMassDelete = false

    package init() {}

    /// Whether the run may import a part only of what the integration does.  Such a run neither
    /// reads nor replaces the standing checkpoint.
    package var isNarrowed: Bool { !collections.isEmpty || settings.members?.isEmpty == false }

    /// Whether the run has checkpoints of its own, and goes on from them alone.
    package var hasOwnCheckpoint: Bool { isFull || isNarrowed }
}

/// The newest thing that a run said of itself.
package struct RunProgress: Sendable, Equatable {
    package var step: String
    package var message: String
    package var count: Int64?
    package var total: Int64?
    package var percent: Double?
    package var etaSeconds: Int64?

    package init(step: String, message: String, count: Int64? = nil, total: Int64? = nil) {
        self.step = step
        self.message = message
        self.count = count
        self.total = total
    }
}

/// Why a run did not succeed.
package struct RunFailure: Error, Sendable, Equatable {
    package var code: ErrorCode
    package var message: String
    package var hint: String?
    package var isRetryable: Bool

    package init(_ code: ErrorCode, _ message: String, hint: String? = nil, isRetryable: Bool = false) {
        self.code = code
        self.message = message
        self.hint = hint
        self.isRetryable = isRetryable
    }
}
