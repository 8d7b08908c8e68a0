import Dispatch
import Foundation

/// What happens on signals such as Ctrl-C, until `end`.
struct SignalHandlers {
    private let sources: [any DispatchSourceSignal]

    init(_ signals: [Int32], _ action: @escaping @Sendable () -> Void) {
        sources = signals.map { number in
            signal(number, SIG_IGN)  // the source gets it instead
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // Several at once may come as one.  The handler and with it the source go when it is cancelled.
            source.setEventHandler {
                for _ in 0..<max(1, source.data) { action() }
            }
            source.resume()
            return source
        }
    }

    func end() { sources.forEach { $0.cancel() } }
}
