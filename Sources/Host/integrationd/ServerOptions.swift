import ArgumentParser
import Client
import Core
import Foundation

/// Which daemon is asked, and as whom.
struct ServerOptions: ParsableArguments {
    @Option(
        help: .init(
            "The daemon's address, such as https://sync.example.com/api.",
            discussion: "Else the variable INTEGRATIOND_URL, else \(DaemonAddress.standard).", valueName: "url"))
    var server: String?

    @Option(
        help: .init(
            "A file with the token, which only its owner may read (mode 600).",
            discussion: "Else the variable INTEGRATIOND_TOKEN, else the file that INTEGRATIOND_TOKEN_FILE names.",
            valueName: "file"),
        completion: .file())
    var tokenFile: String?

    @Option(
        help: .init(
            "A file with the certificate to trust.",
            discussion: "Else INTEGRATIOND_CA_FILE, else the system's certificates.", valueName: "file"),
        completion: .file())
    var caFile: String?

    @Option(help: .init("The tenant's organization.", valueName: "name"))
    var organization: String?

    @Option(help: .init("The tenant's project.", valueName: "name"))
    var project: String?

    /// Whether a daemon was named.
    var isGiven: Bool { server != nil || Self.variable("INTEGRATIOND_URL") != nil }

    /// Ends the program if what was given cannot be used.
    func client() throws -> DaemonClient {
        try reporting { () throws(ClientError) in
            let text = server ?? Self.variable("INTEGRATIOND_URL")
            for (option, name) in [("--organization", organization), ("--project", project)] {
                guard let name, !Self.isPortable(name) else { continue }
                throw ClientError(.unusable, "\(option) takes up to 128 letters, digits, dots, _ and -")
            }
            return DaemonClient(
                try text.map { text throws(ClientError) in try DaemonAddress(text) } ?? .standard,
                token: try token(), certificates: try certificates(), organization: organization, project: project)
        }
    }

    private func token() throws(ClientError) -> Secret? {
        if let tokenFile { return try TokenSource.token(inFile: tokenFile) }
        if let text = Self.variable("INTEGRATIOND_TOKEN") {
            return try TokenSource.token(text, from: "INTEGRATIOND_TOKEN")
        }
        return try Self.variable("INTEGRATIOND_TOKEN_FILE").map { path throws(ClientError) in
            try TokenSource.token(inFile: path)
        }
    }

    private func certificates() throws(ClientError) -> String? {
        guard let path = caFile ?? Self.variable("INTEGRATIOND_CA_FILE") else { return nil }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw ClientError(.unusable, "the file of certificates \(path) cannot be read")
        }
        return path
    }

    /// nil for an empty one too.
    static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func isPortable(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789._-".unicodeScalars.contains($0))
            }
    }
}

/// Runs what asks a daemon; a refusal is printed and ends the program.
func reporting<Value>(_ body: () throws(ClientError) -> Value) throws -> Value {
    do throws(ClientError) {
        return try body()
    } catch {
        throw error.reported
    }
}

extension ClientError {
    /// Says on stderr what is wrong, and how the program ends.
    var reported: ExitCode {
        StandardError.write("error: \(self)")
        return exitCode
    }

    /// A question that no daemon would answer is a mistake of whoever asks; all else is in the way.
    private var exitCode: ExitCode {
        switch kind {
        case .unusable: .configuration
        case .refused where !isPassing: .configuration
        default: .environment
        }
    }
}
