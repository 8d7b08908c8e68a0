package import Core

/// What the webhooks of one integration and tenant ask for, until it is time to import it.
///
/// A value without a clock.  Requests wait until none has come for a while, so that a burst of them
/// becomes one run.  Those that name the same options are merged: their lists are joined.  Requests
/// that differ in anything else stay apart, since nobody knows what their sum means, and one that
/// names no options asks for everything and takes all others with it.
package struct WebhookQueue: Sendable {
    /// One run to come.
    package struct Bundle: Sendable {
        /// An object.
        package var settings: JSONValue
        /// The numbers of the requests in it.
        package var numbers: [Int64]
        fileprivate var first: Timestamp
        fileprivate var last: Timestamp
        /// Runs of it that failed.
        fileprivate var failures = 0
        /// Once one has.
        fileprivate var retryAt: Timestamp?
    }

    /// How long to wait for another request, and how long a request waits at most.
    package struct Patience: Sendable {
        package var quiet = Duration.seconds(2)
        package var most = Duration.seconds(30)

        package init() {}
    }

    private let patience: Patience
    private var bundles: [Bundle] = []

    /// More entries of a list than this, or more bundles, are imported by a run without options.
    private static let listLimit = 1_000
    private static let bundleLimit = 100
    /// Before each try after the first.
    private static let retryDelays: [Duration] = [.seconds(60), .seconds(300), .seconds(1_800), .seconds(7_200)]

    package init(patience: Patience = Patience()) { self.patience = patience }

    package var isEmpty: Bool { bundles.isEmpty }

    package mutating func add(_ settings: JSONValue, number: Int64, at now: Timestamp) {
        // What has failed may fail for what it names: it takes nothing else along.
        for index in bundles.indices where bundles[index].failures == 0 {
            guard let merged = Self.merge(bundles[index].settings, settings) else { continue }
            bundles[index].settings = merged
            bundles[index].numbers.append(number)
            bundles[index].last = now
            return limit()
        }
        bundles.append(Bundle(settings: settings, numbers: [number], first: now, last: now))
        limit()
    }

    /// When the next bundle may be taken.
    package var due: Timestamp? { next.map { due(of: bundles[$0]) } }

    /// The oldest of those that were not tried yet, or one that is to be tried again before that.
    private var next: Int? {
        let fresh = bundles.firstIndex { $0.failures == 0 }
        let again = bundles.indices.filter { bundles[$0].failures > 0 }
        return ([fresh].compactMap(\.self) + again).min { due(of: bundles[$0]) < due(of: bundles[$1]) }
    }

    private func due(of bundle: Bundle) -> Timestamp {
        bundle.retryAt ?? min(bundle.last + patience.quiet, bundle.first + patience.most)
    }

    /// The next bundle, if its time has come.
    package mutating func take(at now: Timestamp) -> Bundle? {
        guard let next, due(of: bundles[next]) <= now else { return nil }
        return bundles.remove(at: next)
    }

    /// Keeps a bundle whose run has failed for another try, later each time.
    ///
    /// - Returns: when that will be; nil: it was tried often enough, and is not kept.
    package mutating func putBack(_ bundle: Bundle, at now: Timestamp) -> Timestamp? {
        guard bundle.failures < Self.retryDelays.count else { return nil }
        var again = bundle
        let time = now + Self.retryDelays[bundle.failures]
        again.retryAt = time
        again.failures += 1
        bundles.append(again)
        return time
    }

    /// One that asks for everything leaves nothing to ask for.
    private mutating func limit() {
        let isAll = bundles.contains { $0.settings.members?.isEmpty != false }
        guard isAll || bundles.count > Self.bundleLimit else { return }
        bundles = [
            Bundle(
                settings: [:], numbers: bundles.flatMap(\.numbers),
                first: bundles.map(\.first).min() ?? bundles[0].first,
                last: bundles.map(\.last).max() ?? bundles[0].last)
        ]
    }

    /// Nil for options that cannot be one.
    private static func merge(_ one: JSONValue, _ other: JSONValue) -> JSONValue? {
        guard let mine = one.members, let others = other.members, mine.count == others.count else { return nil }
        var merged: [JSONValue.Member] = []
        for member in mine {
            guard let value = other[member.key] else { return nil }
            switch (member.value, value) {
            case (.array(let left), .array(let right)):
                let joined = left + right.filter { !left.contains($0) }
                if joined.count > listLimit { return [:] }
                merged.append(.init(member.key, .array(joined)))
            case (let left, let right):
                guard left == right else { return nil }
                merged.append(member)
            }
        }
        return .object(merged)
    }
}
