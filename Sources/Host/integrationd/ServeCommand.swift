import ArgumentParser
import Config
import Core
import Engine
import Foundation
import HTTP
import Logging
import NIOCore
import PluginHost
import ServiceLifecycle
import Store
import UnixSignals

/// `integrationd serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the HTTP API until SIGTERM or Ctrl-C.")

    @OptionGroup var common: CommonOptions

    /// Beyond what runs are given to stop: for HTTP connections and the store.
    private static let lastSeconds = Duration.seconds(5)

    func run() async throws {
        // Whoever reads the log may leave. NIO ignores this signal too, but only from its first socket on.
        signal(SIGPIPE, SIG_IGN)
        // Does not end the daemon, from the first moment on; later it reads the configuration again.
        signal(SIGHUP, SIG_IGN)
        ProcessMemory.limitHeaps()
        let connections = OpenFiles.connections(of: OpenFiles.raiseLimit())
        let logger = common.makeLogger(default: .info)
        let configuration = try common.load()
        let daemon = try Daemon.build(configuration, of: common, logger: logger)
        do {
            try await daemon.scheduler.resumeUnfinishedRuns(of: daemon.api.integrations)
        } catch {
            StandardError.write("error: \(error)")
            throw ExitCode.environment
        }
        for integration in configuration.integrations { configuration.warn(about: integration.name, logger) }
        let reload = ReloadService(
            signals: await UnixSignalsSequence(trapping: .sighup), reload: daemon.reload)
        let patience = RunsService.patience(cancelGrace: configuration.runs.cancelGrace)
        var settings = ServiceGroupConfiguration(
            services: [
                .init(service: try server(daemon, connections: connections, logger)),
                .init(service: daemon.api.makeUnreadWatch()),
                .init(service: RetentionService(daemon: daemon, logger: logger)),
                .init(service: ScheduleService(changes: daemon.schedules, scheduler: daemon.scheduler)),
                .init(service: WebhookService(api: daemon.api)),
                .init(service: reload),
                // Ends first: no new runs, and streams end with their runs.
                .init(service: RunsService(scheduler: daemon.scheduler, patience: patience)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        settings.maximumGracefulShutdownDuration = patience + Self.lastSeconds
        settings.maximumCancellationDuration = Self.lastSeconds
        do {
            try await ServiceGroup(configuration: settings).run()
        } catch let error as IOError {
            StandardError.write(
                "error: cannot listen on \(configuration.server.listen): \(String(cString: strerror(error.errnoCode)))")
            throw ExitCode.environment
        }
        try daemon.store.close()
        logger.info("stopped")
        LogWriter.standardError.flush(atMost: 1)
    }

    private func server(_ daemon: Daemon, connections: Int, _ logger: Logger) throws -> some Service {
        let server = daemon.configuration.server
        let tls = server.tls.map { TLSFiles(certificate: $0.certificate, privateKey: $0.privateKey) }
        let scheme = tls == nil ? "http" : "https"
        do {
            return try daemon.api.makeServer(
                host: server.listen.host, port: server.listen.port, tls: tls, connections: connections
            ) { host, port in
                let address = ListenAddress(host: host, port: port)
                // At once, also into a pipe: whoever started the daemon waits for this line.
                // A daemon without stdout serves all the same.
                try? StandardOutput.write("integrationd listening on \(scheme)://\(address)\n")
                logger.info("listening", metadata: ["address": "\(address)"])
                ProcessMemory.trim()
            }
        } catch let error as TLSFiles.Unusable {
            StandardError.write("error: \(error)")
            throw ExitCode.configuration
        }
    }
}
