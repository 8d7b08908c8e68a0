package import Core

/// Asks one daemon over HTTP.  Every call blocks its thread until it is answered.
package struct DaemonClient: Sendable {
    package let address: DaemonAddress
    package var token: Secret?
    /// A file of certificates to trust; nil: the system's.
    package var certificates: String?
    package var organization: String?
    package var project: String?

    /// Of an answer that is no stream.
    private static let maximumBody = 64 << 20
    /// Longer than the daemon lets anyone wait for a change.
    private static let patience = Duration.seconds(90)

    package init(
        _ address: DaemonAddress, token: Secret? = nil, certificates: String? = nil, organization: String? = nil,
        project: String? = nil
    ) {
        self.address = address
        self.token = token
        self.certificates = certificates
        self.organization = organization
        self.project = project
    }

    package struct Answer: Sendable {
        package var status: Int
        package var body: [UInt8]
        /// When the daemon answered, by its own clock.
        package var date: String?

        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// - Parameters:
    ///   - path: `/runs/…`, with its query, escaped.
    ///   - stop: ends the call once this descriptor is readable.
    package func send(
        _ method: String, _ path: String, headers: [String] = [], body: JSONValue? = nil, stop: Int32 = -1
    ) throws(ClientError) -> Answer {
        var exchange = exchange(method, path)
        exchange.headers += ["Accept: application/json, text/*"] + headers
        if let body {
            exchange.headers.append("Content-Type: application/json")
            exchange.body = Array(body.text.utf8)
        }
        exchange.total = Self.patience
        exchange.stop = stop
        var bytes: [UInt8] = []
        let head = try perform(exchange) { _, piece in
            bytes += piece
            return bytes.count <= Self.maximumBody
        }
        guard (200..<300).contains(head.status) else { throw ClientError(head, body: bytes, from: address) }
        return Answer(status: head.status, body: bytes, date: head["date"])
    }

    package func get(_ path: String, stop: Int32 = -1) throws(ClientError) -> JSONValue {
        try json(send("GET", path, stop: stop))
    }

    package func json(_ answer: Answer) throws(ClientError) -> JSONValue {
        do {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw ClientError(
                .foreign, "\(address) does not answer with JSON", hint: "Is it the address of a daemon?")
        }
    }

    /// All items of a list, page by page, or the first `limit` of them.
    package func list(_ path: String, limit: Int? = nil) throws(ClientError) -> [JSONValue] {
        var items: [JSONValue] = []
        var after: String?
        repeat {
            let size = min(1000, limit.map { $0 - items.count } ?? 1000)
            var page = path + (path.contains("?") ? "&" : "?") + "limit=\(size)"
            if let after { page += "&after=\(Self.escape(after))" }
            let answer = try get(page)
            items += answer["items"]?.elements ?? []
            after = answer["next"]?.stringValue
        } while after != nil && items.count < limit ?? .max
        return items
    }

    // MARK: For streams too

    func exchange(_ method: String, _ path: String) -> Exchange {
        var exchange = Exchange(url: address.description + path)
        exchange.method = method
        exchange.certificates = certificates
        // A proxy would look for the loopback address at its own end.
        exchange.isDirect = address.isLoopback
        exchange.headers = ["User-Agent: integrationd"]
        if let token { exchange.headers.append("Authorization: Bearer \(token.reveal())") }
        if let organization { exchange.headers.append("X-Org-ID: \(organization)") }
        if let project { exchange.headers.append("X-Project-ID: \(project)") }
        return exchange
    }

    /// Says whom it was about.
    func perform(_ exchange: Exchange, _ piece: Exchange.Piece) throws(ClientError) -> ResponseHead {
        do {
            return try exchange.perform(piece)
        } catch {
            throw explained(error)
        }
    }

    private func explained(_ error: ClientError) -> ClientError {
        var error = error
        switch error.kind {
        case .unreachable:
            error.message = "no daemon answers at \(address): \(error.message)"
            error.hint = "Is `integrationd serve` running there?  --server or INTEGRATIOND_URL names another address."
        case .untrusted:
            error.message = "\(address) is not trusted: \(error.message)"
            error.hint = "--ca-file names a file with the certificate that it, or its issuer, has."
        case .broken: error.message = "the connection to \(address) broke: \(error.message)"
        case .unusable, .stopped, .refused, .foreign: break
        }
        return error
    }

    /// A part of a path, or a value of a query.
    package static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default: escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
