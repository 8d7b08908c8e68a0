import ArgumentParser
import Client
import Config
import Core
import Foundation

/// Whether the daemon could listen where it is told to, or already does.
struct PortCheck {
    let findings: [Finding]
    /// The daemon that listens there.
    let daemon: DaemonClient?

    init(_ server: Configuration.Server, _ like: DaemonClient) {
        let place = "\(server.listen)"
        switch Self.bind(server.listen) {
        case nil:
            (findings, daemon) = ([.good("port", "\(place) is free")], nil)
        case EADDRINUSE:
            let running = Self.daemon(at: server, like)
            daemon = running
            findings = [
                running != nil
                    ? .good("port", "a daemon listens on \(place)")
                    : .problem(
                        "port", "\(place) is taken, and not by a daemon that answers",
                        next:
                            "ss -ltnp 'sport = :\(server.listen.port)' names who has it; end that, or change server.listen."
                    )
            ]
        case EACCES?:
            daemon = nil
            findings = [
                .problem(
                    "port", "this user may not listen on \(place)", next: "Take a port from 1024 on in server.listen.")
            ]
        case let code?:
            daemon = nil
            findings = [
                .problem(
                    "port", "\(place) cannot be listened on: \(String(cString: strerror(code)))",
                    next: "server.listen has to be an address of this machine: ip address")
            ]
        }
    }

    /// Takes the port for a moment; the error, or nil.
    private static func bind(_ address: ListenAddress) -> Int32? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, String(address.port), &hints, &list) == 0, let first = list else {
            return EADDRNOTAVAIL
        }
        defer { freeaddrinfo(list) }
        let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype, 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var on: Int32 = 1
        // Connections that have just ended do not count, as they do not for the daemon.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout.size(ofValue: on)))
        return Glibc.bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 ? nil : errno
    }

    private static func daemon(at server: Configuration.Server, _ like: DaemonClient) -> DaemonClient? {
        // All addresses of this machine are reached at this one.
        let host = ["0.0.0.0", "::"].contains(server.listen.host) ? "127.0.0.1" : server.listen.host
        let place = ListenAddress(host: host, port: server.listen.port)
        guard let address = try? DaemonAddress("\(server.tls == nil ? "http" : "https")://\(place)") else { return nil }
        let client = DaemonClient(
            address, token: like.token, certificates: like.certificates ?? server.tls?.certificate,
            organization: like.organization, project: like.project)
        do throws(ClientError) {
            return try client.get("/healthz")["status"] == "ok" ? client : nil
        } catch {
            // It answers; what is wrong with the answer is told when it is asked for more.
            return error.kind == .untrusted ? client : nil
        }
    }
}
