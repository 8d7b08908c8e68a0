import Foundation

/// A certificate for 127.0.0.1 that signs itself, made anew for a test.
struct TLSIdentity {
    let certificate: String
    let privateKey: String

    init(in folder: TemporaryFolder, name: String = "tls") async throws {
        certificate = folder.path("\(name)-cert.pem")
        privateKey = folder.path("\(name)-key.pem")
        let openssl = try ChildProcess(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", privateKey, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1",
                "-addext", "subjectAltName=IP:127.0.0.1",
            ])
        guard try await openssl.exitStatus(within: .seconds(30)) == .exited(0) else {
            throw RawHTTP.Failure(description: "openssl made no certificate: \(openssl.errors.text)")
        }
    }

    /// For `server:`.
    var yaml: String { "tls: { certificate: \(certificate), private_key: \(privateKey) }" }
}
