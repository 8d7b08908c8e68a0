package import Core
import Synchronization

/// A run that waits for its turn or is under way: what readers and the scheduler see of it.
package final class ActiveRun: Sendable {
    package let id: RunID
    package let integration: Integration
    package let tenant: Tenant
    package let options: RunOptions
    /// Whether the run is cancelled when nobody reads it for a while: its starter asked for that.
    package let endsUnread: Bool
    package let log: EventLog
    /// What it began with: a configuration that is replaced meanwhile is for later runs.
    let launcher: any PluginLauncher
    private let state: Mutex<State>

    private struct State {
        var run: Run
        /// Why it is to stop, if anyone asked.
        var stop: RunStateMachine.StopReason?
        var waker: (any PluginWaker)?
    }

    init(_ run: Run, of integration: Integration, log: EventLog, launcher: any PluginLauncher) {
        id = run.id
        self.integration = integration
        tenant = run.tenant
        options = run.options
        endsUnread = run.endsUnread
        self.log = log
        self.launcher = launcher
        state = Mutex(State(run: run))
    }

    /// The run as it is now.
    package var snapshot: Run {
        var run = state.withLock { $0.run }
        run.lastEvent = log.lastSequence
        return run
    }

    func update(_ change: (inout Run) -> Void) {
        state.withLock { change(&$0.run) }
    }

    /// Asks the run's thread to end it.
    func stop(_ reason: RunStateMachine.StopReason) {
        let waker = state.withLock { state in
            state.stop = state.stop ?? reason
            // At once, and not when the run's thread gets to it.
            if reason == .cancelled, !state.run.status.isTerminal { state.run.status = .cancelling }
            return state.waker
        }
        waker?.wake()
    }

    var stopRequest: RunStateMachine.StopReason? { state.withLock { $0.stop } }

    /// Who is to be woken by `stop`; a request from before is seen by `stopRequest`.
    func setWaker(_ waker: (any PluginWaker)?) {
        state.withLock { $0.waker = waker }
    }
}
