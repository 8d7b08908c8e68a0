import PluginKit

/// What one import leaves to the next, and one attempt at it too. A run that was narrowed has no place in the
/// order of imports: what it finds and leaves is its own attempts'. This is the one place that knows.
struct StandingCheckpoint {
    private let call: ImportCall
    private var offered: [UInt8]?
    /// nil: there is none, or it cannot be read.
    let found: Checkpoint?
    let isOfNarrowedRun: Bool
    /// An attempt at this run has done all of it.
    let hasEnded: Bool
    /// This attempt has given the host one.
    private(set) var hasOffered = false

    init(_ call: ImportCall, of selection: Selection) {
        self.call = call
        isOfNarrowedRun = selection.isRunsOwn
        let isOwn = isOfNarrowedRun
        found = call.checkpoint.flatMap(Checkpoint.init).flatMap { !isOwn || $0.isOf(call.runID) ? $0 : nil }
        hasEnded = found?.ended == call.runID && found?.selection == selection.fingerprint
        offered = found == nil ? nil : call.checkpoint
    }

    /// A checkpoint that is too large is done without: the import begins anew then.
    private static let limit = 900_000

    /// Gives it to the host, if it is another than the last one.
    mutating func offer(_ checkpoint: Checkpoint) throws {
        let bytes = checkpoint.bytes
        guard bytes != offered, bytes.count < Self.limit else { return }
        try call.offerCheckpoint(bytes)
        offered = bytes
        hasOffered = true
    }
}
