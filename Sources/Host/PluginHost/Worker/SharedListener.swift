import Core
import Synchronization

/// One thread that listens for all who would otherwise each wait in a thread of their own.
///
/// Of a thousand runs most only say, now and then, how far they are.  One thread that hears all of them has its stack and
/// heap at hand, where each of a thousand would find its own cold.
final class SharedListener: Sendable {
    /// One who is listened for, who waits meanwhile and has what it uses back afterwards.
    protocol Ear: AnyObject {
        /// Hears what is there, without waiting for anything; false: no more.
        func hear() -> Bool
    }

    private final class Place: Sendable {
        /// Called by one thread at a time, under the lock.
        private struct Held: @unchecked Sendable {
            var ear: (any Ear)?
        }

        private let held: Mutex<Held>

        init(_ ear: any Ear) {
            let held = Held(ear: ear)
            self.held = Mutex(held)
        }

        /// Who wants to hear no more is not watched any longer before it can leave, and come again.
        func hear(unwatching unwatch: () -> Void) {
            held.withLock { held in
                guard let ear = held.ear, !ear.hear() else { return }
                held.ear = nil
                unwatch()
            }
        }

        /// Nothing is being heard from then on.
        func leave() { held.withLock { $0.ear = nil } }
    }

    private struct State {
        /// By descriptor.
        var places: [Place?] = []
        var taken = 0
        var isRunning = false
    }

    private let descriptors: DescriptorSet
    private let state = Mutex(State())

    /// How long the thread stays when there is nobody to listen for.
    private static let patience = Duration.seconds(10)

    init() throws(RunFailure) { descriptors = try DescriptorSet() }

    /// Runs `body`; meanwhile the ear hears, on the listener's thread, whenever the descriptor has something.
    func listen<Result>(at descriptor: CInt, for ear: any Ear, while body: () -> Result) -> Result {
        let place = Place(ear)
        enter(place, at: descriptor)
        defer { leave(place, at: descriptor) }
        return body()
    }

    private func enter(_ place: Place, at descriptor: CInt) {
        let starts = state.withLock { state in
            let missing = Int(descriptor) + 1 - state.places.count
            if missing > 0 { state.places += Array(repeating: nil, count: missing) }
            state.places[Int(descriptor)] = place
            state.taken += 1
            defer { state.isRunning = true }
            return !state.isRunning
        }
        descriptors.add(descriptor)
        if starts { OwnThread.start(name: "listener") { self.run() } }
    }

    private func leave(_ place: Place, at descriptor: CInt) {
        descriptors.remove(descriptor)
        state.withLock { state in
            state.places[Int(descriptor)] = nil
            state.taken -= 1
        }
        place.leave()
    }

    private func run() {
        while true {
            let ready = descriptors.wait(milliseconds: Self.patience.wholeMilliseconds) ?? []
            for descriptor in ready {
                guard let place = state.withLock({ $0.places[Int(descriptor)] }) else { continue }
                place.hear { descriptors.remove(descriptor) }
            }
            let ends =
                ready.isEmpty
                && state.withLock { state in
                    state.isRunning = state.taken > 0
                    return !state.isRunning
                }
            if ends { return }
        }
    }
}
