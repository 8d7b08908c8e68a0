import Core
import Glibc

extension ValueKind<ListenAddress> {
    /// `127.0.0.1:3001`, `localhost:3001` or `[::1]:3001`.
    static var listenAddress: ValueKind {
        let noun = "an address and a port"
        return ValueKind(noun: noun) { value throws(InvalidValue) in
            guard let colon = value.text.lastIndex(of: ":") else {
                let port = UInt16(value.text).flatMap { value.origin == .variable ? nil : $0 }
                throw InvalidValue(
                    message: "must be \(noun)", hint: "write `127.0.0.1:\(port ?? 3001)`")
            }
            let portText = value.text[value.text.index(after: colon)...]
            guard portText.utf8.allSatisfy(isDigit), let port = UInt16(portText) else {
                throw InvalidValue(message: "must end with a port from 0 to 65535")
            }
            return ListenAddress(host: try host(value.text[..<colon]), port: Int(port))
        }
    }

    private static func host(_ text: Substring) throws(InvalidValue) -> String {
        if text.hasPrefix("["), text.hasSuffix("]") {
            let address = String(text.dropFirst().dropLast())
            guard ListenAddress.isIPv6(address) else {
                throw InvalidValue(message: "must have an IPv6 address in its brackets")
            }
            return address
        }
        guard !text.contains(":") else {
            throw InvalidValue(
                message: "must have brackets around its IPv6 address",
                hint: "write `\"[::1]:3001\"`")
        }
        guard !text.isEmpty else {
            throw InvalidValue(
                message: "must begin with an address",
                hint: "write `127.0.0.1` or, for all, `0.0.0.0`")
        }
        let isNumeric = text.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
        let isName =
            text.utf8.count <= 253
            && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || ".-".utf8.contains($0) }
        guard isNumeric ? ListenAddress.isIPv4(String(text)) : isName else {
            throw InvalidValue(message: "must begin with an IP address or a host's name")
        }
        return String(text)
    }
}

extension ValueKind<String> {
    /// "" for `/`, else `/api`, without a slash at its end.
    static var basePath: ValueKind {
        string.map("a path") { path throws(InvalidValue) in
            let invalid = InvalidValue(
                message: "must be a path of a URL that begins with /", hint: "write `/api`")
            guard path.hasPrefix("/"), path.utf8.count <= 256 else { throw invalid }
            var segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            if segments.last == "" { segments.removeLast() }
            guard segments.allSatisfy(isSegment) else { throw invalid }
            return segments.map { "/\($0)" }.joined()
        }
    }

    private static func isSegment(_ segment: Substring) -> Bool {
        !segment.isEmpty && segment != "." && segment != ".."
            && segment.utf8.allSatisfy { isLetter($0) || isDigit($0) || "._~-".utf8.contains($0) }
    }

    /// What a browser sends as `Origin`: scheme, host and, if need be, port.
    static var origin: ValueKind {
        string.map("an origin") { text throws(InvalidValue) in
            let invalid = InvalidValue(
                message: "must be an origin",
                hint: "write `https://app.example.com`, without a path")
            let origin = text.lowercased()
            guard let scheme = ["http://", "https://"].first(where: origin.hasPrefix) else {
                throw invalid
            }
            let authority = origin.dropFirst(scheme.count)
            let isAuthority =
                !authority.isEmpty
                && authority.utf8.allSatisfy {
                    isLetter($0) || isDigit($0) || ".-:[]".utf8.contains($0)
                }
            guard isAuthority else { throw invalid }
            return origin
        }
    }
}

extension ValueKind<Secret> {
    static var secret: ValueKind {
        ValueKind<String>.string.map("a string") { Secret($0) }
    }

    /// Something that can stand behind `Authorization: Bearer`.
    static var bearerToken: ValueKind {
        secret.checked { token throws(InvalidValue) in
            guard token.reveal().utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw InvalidValue(
                    message: "must be a token that fits into a header",
                    hint: "letters, digits and signs of ASCII, no blanks, no line breaks")
            }
        }
    }

    /// A URL, or libpq's `host=… dbname=…`.
    static var connectionString: ValueKind {
        secret.checked { secret throws(InvalidValue) in
            let text = secret.reveal()
            guard
                ["postgres://", "postgresql://"].contains(where: text.hasPrefix)
                    || text.contains("=")
            else {
                throw InvalidValue(
                    message: "must be the address of a database",
                    hint: "write `postgresql://host/database`")
            }
        }
    }
}

extension ListenAddress {
    static func isIPv4(_ text: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1
    }

    static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }

    /// Whether only this machine reaches it.  A name other than `localhost` may mean anything.
    package var isLoopback: Bool {
        if host.lowercased() == "localhost" { return true }
        if Self.isIPv4(host) { return host.hasPrefix("127.") }
        var address = in6_addr()
        guard inet_pton(AF_INET6, host, &address) == 1 else { return false }
        return withUnsafeBytes(of: &address) { bytes in
            let isMapped = bytes.prefix(12).elementsEqual([
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF,
            ])
            let isOne = bytes.elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
            return isOne || isMapped && bytes[12] == 127
        }
    }
}
