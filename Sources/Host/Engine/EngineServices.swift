package import Core
package import Logging

/// What runs need from outside the engine.
package struct EngineServices: Sendable {
    package var storage: any Storage
    package var logger: Logger
    package let metrics = Metrics()
    package let quarantines: Quarantines
    package let rateLimits: RateLimits
    /// Called on a run's thread when no other run is left: time to give memory back.
    package var whenIdle: @Sendable () -> Void

    /// What a new configuration may replace.
    private let current: Current<(launcher: any PluginLauncher, limits: Limits)>

    /// For runs that begin now.
    package var launcher: any PluginLauncher { current.value.launcher }
    package var limits: Limits { current.value.limits }

    func change(launcher: any PluginLauncher, limits: Limits) {
        current.value = (launcher, limits)
    }

    package struct Limits: Sendable {
        package var maxConcurrent: Int
        package var stalledAfter: Duration
        package var cancelGrace: Duration
        /// Before the second attempt at a run; doubled before the third.
        package var retryDelay: Duration

        package init(
            maxConcurrent: Int, stalledAfter: Duration, cancelGrace: Duration,
            retryDelay: Duration = .seconds(2)
        ) {
            self.maxConcurrent = maxConcurrent
            self.stalledAfter = stalledAfter
            self.cancelGrace = cancelGrace
            self.retryDelay = retryDelay
        }
    }

    package init(
        storage: any Storage, launcher: any PluginLauncher, logger: Logger, limits: Limits,
        rateLimits: RateLimits = RateLimits(), whenIdle: @escaping @Sendable () -> Void = {}
    ) {
        self.storage = storage
        self.logger = logger
        current = Current((launcher, limits))
        quarantines = Quarantines(storage: storage, logger: logger)
        self.rateLimits = rateLimits
        self.whenIdle = whenIdle
    }
}
