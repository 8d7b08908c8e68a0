public import ArgumentParser
import Config
import Foundation
public import Logging

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "integrations.yaml"

    @Option(help: "The least important log lines to write: trace, debug, info, notice, warning, error, critical.")
    var logLevel: Logger.Level?

    /// Reads the file; prints every mistake in it and ends the program if there are any.
    func load() throws -> Configuration {
        do throws(ConfigurationErrors) {
            return try read()
        } catch {
            StandardError.write(error.description)
            throw ExitCode.configuration
        }
    }

    func read() throws(ConfigurationErrors) -> Configuration {
        try Configuration.load(
            path: config, environment: ProcessInfo.processInfo.environment,
            executableFolder: Executable.folder)
    }

    /// Log lines go to stderr: stdout is for what a command is asked for.
    func makeLogger(default level: Logger.Level) -> Logger {
        var logger = Logger(label: "integrationd") {
            LineLogHandler(label: $0, writer: .standardError)
        }
        logger.logLevel = logLevel ?? level
        return logger
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

/// Where this program stands.
enum Executable {
    static let path =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        ?? CommandLine.arguments[0]  // without /proc: the best that is known
    static var folder: String { (path as NSString).deletingLastPathComponent }

    /// The machine's own name, without asking the network.
    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

enum StandardOutput {
    /// Ends the program where it cannot be written, as on a full disk: what a command was asked for is lost then.
    static func write(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            StandardError.write("error: stdout cannot be written: \(error.reason)")
            throw ExitCode.environment
        }
    }
}

extension Error {
    /// What went wrong with a file, in the system's words: Foundation's have less in them.
    var reason: String {
        let cause = ((self as? CocoaError)?.underlying ?? self) as NSError
        return cause.domain == NSPOSIXErrorDomain ? String(cString: strerror(CInt(cause.code))) : localizedDescription
    }
}

enum StandardError {
    static func write(_ line: String) {
        // Without stderr there is nobody to tell.
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }
}
