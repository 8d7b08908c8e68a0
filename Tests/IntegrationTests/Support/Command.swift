import Foundation

/// A command of `integrationd` that ends by itself, run to its end.
struct Command: Sendable {
    let status: ChildProcess.ExitStatus
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// - Parameters:
    ///   - folder: the working directory.
    ///   - program: another copy of it.
    static func run(
        _ arguments: [String], in folder: TemporaryFolder, program: URL = BuildProducts.daemon,
        environment: [String: String] = [:], within limit: Duration = patience
    ) async throws -> Command {
        try await end(of: start(arguments, in: folder, program: program, environment: environment), within: limit)
    }

    static func start(
        _ arguments: [String], in folder: TemporaryFolder, program: URL = BuildProducts.daemon,
        environment: [String: String] = [:]
    ) throws -> ChildProcess {
        try ChildProcess(
            program.path, arguments, environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 },
            folder: folder.url.path)
    }

    /// With a terminal for stdout and stderr, which are one then.
    static func runOnTerminal(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
    ) async throws -> Command {
        let words = [BuildProducts.daemon.path] + arguments
        let command = words.map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }.joined(separator: " ")
        let process = try ChildProcess(
            "/usr/bin/script", ["--quiet", "--return", "--command", command, "/dev/null"],
            environment: ["PATH": "/usr/bin:/bin", "TERM": "xterm", "SHELL": "/bin/sh"].merging(environment) { $1 },
            folder: folder.url.path)
        return try await end(of: process)
    }

    static func end(of process: ChildProcess, within limit: Duration = patience) async throws -> Command {
        let status = try await process.exitStatus(within: limit)
        return Command(
            status: status, output: try await process.output.end(), errors: try await process.errors.end())
    }
}
