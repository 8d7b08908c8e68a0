import Core

/// Where a daemon is: `http://127.0.0.1:3001`, or with the path that a proxy serves it below.
package struct DaemonAddress: Sendable, Hashable, CustomStringConvertible {
    /// Without a slash at its end.
    package let description: String
    /// Without brackets, in lower case.
    package let host: String
    package let isEncrypted: Bool

    /// Where a daemon listens that was told nothing else.
    package static let standard = DaemonAddress(
        description: "http://127.0.0.1:3001", host: "127.0.0.1", isEncrypted: false)

    /// Nothing of it leaves this machine.
    package var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    private init(description: String, host: String, isEncrypted: Bool) {
        self.description = description
        self.host = host
        self.isEncrypted = isEncrypted
    }

    package init(_ text: String) throws(ClientError) {
        func unusable(_ reason: String) -> ClientError {
            ClientError(
                .unusable, "\"\(text.printable)\" is no address of a daemon: \(reason)",
                hint: "It is like http://127.0.0.1:3001 or https://sync.example.com/api.")
        }
        guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else {
            throw unusable("it begins with neither http:// nor https://")
        }
        let rest = text.dropFirst(scheme.count)
        let isPlain = rest.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        guard isPlain else { throw unusable("it holds a character that has no place there") }
        guard !rest.contains("?"), !rest.contains("#") else { throw unusable("it has a query") }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else {
            throw ClientError(
                .unusable, "the address of the daemon holds a name or a password",
                hint: "A token belongs into INTEGRATIOND_TOKEN or a file: arguments are seen by everyone.")
        }
        guard let host = Self.host(authority) else { throw unusable("it names no host, or no port that there is") }
        let path = rest.dropFirst(authority.count)
        let trimmed = path.lastIndex { $0 != "/" }.map { path[...$0] } ?? ""
        self.init(
            description: scheme + authority + trimmed, host: host.lowercased(), isEncrypted: scheme == "https://")
    }

    private static func host(_ authority: Substring) -> String? {
        let afterHost: Substring
        let host: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            afterHost = authority[authority.index(after: end)...]
        } else {
            host = authority.prefix { $0 != ":" }
            afterHost = authority[host.endIndex...]
        }
        let isPort = afterHost.first == ":" && (1...65535).contains(Int(afterHost.dropFirst()) ?? 0)
        return host.isEmpty || !(afterHost.isEmpty || isPort) ? nil : String(host)
    }
}
