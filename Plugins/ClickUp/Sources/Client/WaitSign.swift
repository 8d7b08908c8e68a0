import PluginKit

/// Tells the host when requests are held back and when the last of them goes on. An actor, so
/// that what the host hears is in order.
actor WaitSign {
    /// Shorter waits are not worth showing.
    static let shortest: Int64 = 1_000

    private let call: any PluginCall
    private var waiting = 0
    private var shownUntil: Int64 = 0

    init(call: any PluginCall) { self.call = call }

    func begin(until: Int64, reason: String) {
        waiting += 1
        guard until > shownUntil else { return }
        shownUntil = until
        call.waiting(until: Timestamp(milliseconds: until), reason: reason)
    }

    func end() {
        waiting -= 1
        guard waiting == 0 else { return }
        shownUntil = 0
        call.waiting(until: nil)
    }
}
