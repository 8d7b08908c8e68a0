import FoundationEssentials

/// `clickup-simulator`, the real program, on a port of its own.  It does not outlive this object.
final class SimulatorProcess: Sendable {
    let process: ChildProcess
    let port: Int

    var http: HTTPClient { HTTPClient(port: port) }
    /// For the plugin's setting `base_url`.
    var address: String { "http://127.0.0.1:\(port)" }

    private init(_ process: ChildProcess, port: Int) { (self.process, self.port) = (process, port) }

    /// - Parameter arguments: such as `["--docs", "3"]`.
    static func start(_ arguments: [String] = []) async throws -> SimulatorProcess {
        let process = try ChildProcess(BuildProducts.simulator.path, ["--port", "0"] + arguments)
        let greeting = "clickup-simulator listening on http://127.0.0.1:"
        let line = try await process.output.line { $0.hasPrefix(greeting) }
        guard let port = Int(line.dropFirst(greeting.count)) else {
            throw RawHTTP.Failure(description: "\"\(line)\" names no port")
        }
        return SimulatorProcess(process, port: port)
    }
}
