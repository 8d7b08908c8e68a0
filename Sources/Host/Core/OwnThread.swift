import Foundation

/// Threads for code that blocks: a run that waits for its plugin, a plugin in this process.
package enum OwnThread {
    /// Starts a thread that ends when the body returns.
    package static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.stackSize = 8 << 20  // deep JSON from a plugin is read on it
        thread.start()
    }
}
