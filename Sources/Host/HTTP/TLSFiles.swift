import HummingbirdCore
import HummingbirdHTTP2
import NIOSSL

/// What the server proves its name with: two PEM files, read at the start.
package struct TLSFiles: Sendable {
    /// The certificate, and behind it those between it and the root.
    package var certificate: String
    package var privateKey: String

    package init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }

    /// A file that cannot be used, in a sentence.
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
    }

    /// Names neither bytes of the key nor what the library says of them.
    func configuration() throws(Unusable) -> TLSConfiguration {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate)
        } catch {
            throw Unusable(
                description: "server.tls.certificate: \(certificate) is not a readable PEM file of certificates")
        }
        guard !chain.isEmpty else {
            throw Unusable(description: "server.tls.certificate: \(certificate) holds no certificate")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: privateKey, format: .pem)
        } catch {
            throw Unusable(
                description: "server.tls.private_key: \(privateKey) is not a readable PEM file of an unencrypted key")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Unusable(
                description: "server.tls: the key \(privateKey) does not belong to the certificate \(certificate)")
        }
        return configuration
    }
}

extension TLSFiles {
    /// HTTP/2 where the client offers it, else HTTP/1.1, both over TLS.
    func server(_ http1: HTTP1Channel.Configuration) throws -> HTTPServerBuilder {
        try .http2Upgrade(
            tlsConfiguration: try configuration(),
            configuration: .init(
                idleTimeout: .seconds(60), gracefulCloseTimeout: .seconds(5), streamConfiguration: http1))
    }
}
