import Core
import Foundation
import Synchronization

/// What plugins said they are, or why they could not be asked, by the SHA-256 of their files.
final class DescriptionCache: Sendable {
    private struct Entry {
        /// One file is described once at a time.
        var turn = NSLock()
        var description: PluginDescription?
        /// And until when that is taken for granted.
        var refusal: (failure: RunFailure, until: ContinuousClock.Instant)?
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// How long a plugin that could not be described is not asked again.
    private static let refusalMemory = Duration.seconds(60)

    /// What is known, or what `ask` finds out.  Who asks for the same file at the same time waits for
    /// the one answer.  Blocks.
    ///
    /// - Parameter isInUse: whether a file is of interest; what is known of others is forgotten.
    func description(
        of sha256: String, holding isInUse: (String) -> Bool,
        ask: () throws(RunFailure) -> PluginDescription
    ) throws(RunFailure) -> PluginDescription {
        let turn = entries.withLock { $0[sha256, default: Entry()].turn }
        turn.lock()
        defer { turn.unlock() }
        let known = entries.withLock { $0[sha256] }
        if let description = known?.description { return description }
        if let refusal = known?.refusal, refusal.until > .now { throw refusal.failure }
        do {
            let description = try ask()
            remember(sha256, isInUse) { $0.description = description }
            return description
        } catch {
            // What this machine lacked a moment ago says nothing of the plugin.
            if error.code != .internal {
                remember(sha256, isInUse) { $0.refusal = (error, .now + Self.refusalMemory) }
            }
            throw error
        }
    }

    private func remember(_ sha256: String, _ isInUse: (String) -> Bool, _ change: (inout Entry) -> Void) {
        entries.withLock { entries in
            change(&entries[sha256, default: Entry()])
            let others = entries.keys.filter { $0 != sha256 && !isInUse($0) }
            for other in others { entries[other] = nil }
        }
    }
}
