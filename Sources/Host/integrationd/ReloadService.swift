import ServiceLifecycle
import UnixSignals

/// Reads the configuration again at each SIGHUP.
struct ReloadService: Service {
    let signals: UnixSignalsSequence
    let reload: ConfigurationReload

    func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() {
            _ = try? await reload()  // what was wrong is in the log
        }
    }
}
