import Foundation

/// `integrationd serve`, the real program, on a port of its own.  It does not outlive this object.
final class DaemonProcess: Sendable {
    let process: ChildProcess
    /// Where the configuration and the store are.
    let folder: TemporaryFolder
    let port: Int

    var http: HTTPClient { HTTPClient(port: port) }
    /// What it has written to stderr so far.
    var log: String { process.errors.text }

    private init(_ process: ChildProcess, _ folder: TemporaryFolder, port: Int) {
        (self.process, self.folder, self.port) = (process, folder, port)
    }

    /// Compiles the fixtures, writes the file, starts the daemon and returns once it accepts connections.
    ///
    /// - Parameter folder: one that another daemon has used, to go on with its store.
    static func start(
        _ configuration: DaemonConfiguration, in folder: TemporaryFolder? = nil, _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> DaemonProcess {
        for integration in configuration.integrations { try await FixturePlugins.compile(integration.fixture) }
        return try await start(yaml: configuration.yaml, in: folder, arguments, environment: environment)
    }

    /// - Parameter limit: an argument of `ulimit`, such as of descriptors.
    static func start(
        yaml: String, in folder: TemporaryFolder? = nil, _ arguments: [String] = [],
        environment: [String: String] = [:], limit: String? = nil
    ) async throws -> DaemonProcess {
        let folder = try folder ?? TemporaryFolder()
        let process = try spawn(yaml: yaml, in: folder, arguments, environment: environment, limit: limit)
        let line = try await process.output.line { $0.hasPrefix("integrationd listening on http") }
        guard let port = line.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw RawHTTP.Failure(description: "\"\(line)\" names no port")
        }
        return DaemonProcess(process, folder, port: port)
    }

    /// Starts a daemon that may not come to listen.
    static func spawn(
        yaml: String, in folder: TemporaryFolder, _ arguments: [String] = [], environment: [String: String] = [:],
        limit: String? = nil
    ) throws -> ChildProcess {
        let file = try folder.write(yaml, to: "integrations.yaml")
        let shell = limit.map { ["/bin/sh", "-c", "ulimit \($0) && exec \"$0\" \"$@\""] } ?? []
        let command = shell + [BuildProducts.daemon.path, "serve", "--config", file.path] + arguments
        return try ChildProcess(
            command[0], Array(command.dropFirst()),
            environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }, folder: folder.url.path)
    }

    /// SIGTERM, and how that ended.
    func terminate(within limit: Duration = patience) async throws -> (status: ChildProcess.ExitStatus, took: Duration)
    {
        let start = ContinuousClock.now
        process.send(SIGTERM)
        let status = try await process.exitStatus(within: limit)
        return (status, start.duration(to: .now))
    }

    /// SIGKILL; returns when it is gone.
    func kill() async throws {
        process.send(SIGKILL)
        _ = try await process.exitStatus()
    }

    /// All runs, newest first.
    func runs(_ query: String = "") async throws -> [JSON] {
        try await http.get("/runs\(query)").json["items"]?.items ?? []
    }
}
