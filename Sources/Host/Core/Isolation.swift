/// Where the code of a plugin runs.
package enum Isolation: String, Sendable, Hashable, CaseIterable {
    /// In a worker of its own: whatever the plugin does ends one run and nothing else.
    case process
    /// On a thread of the daemon: for trusted plugins, without limits and without a way to stop them.
    case inProcess = "in-process"
}
