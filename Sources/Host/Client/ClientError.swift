package import Core

/// Why a daemon could not be asked, or what it refused.
package struct ClientError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// The address, the token or a file that was given.
        case unusable
        /// No connection.
        case unreachable
        /// TLS.
        case untrusted
        /// The connection ended before the answer did.
        case broken
        /// Whoever asked does not want the answer any more.
        case stopped
        /// An answer of the daemon with this status.
        case refused(status: Int)
        /// An answer that no daemon of ours gives.
        case foreign
    }

    package var kind: Kind
    /// A sentence without a period.
    package var message: String
    package var hint: String?
    /// The daemon's own word for it, such as `run-active`.
    package var code: String?
    /// Not before then.
    package var retryAfter: Duration?
    /// The problem as the daemon sent it.
    package var problem: JSONValue?

    package init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    package var description: String { message + (hint.map { "\nhint: \($0)" } ?? "") }

    /// Whether the same question may be answered later.
    package var isPassing: Bool {
        switch kind {
        case .unreachable, .broken: true
        case .refused(let status): [408, 425, 429].contains(status) || (status >= 500 && status != 501)
        case .unusable, .untrusted, .stopped, .foreign: false
        }
    }
}

extension ClientError {
    /// What a status other than 2xx says.
    init(_ head: ResponseHead, body: [UInt8], from address: DaemonAddress) {
        // Not JSON: it does not come from a daemon, or not unchanged.
        let problem = try? JSONValue(parsing: body)
        guard let problem, let code = problem["code"]?.stringValue, let detail = problem["detail"]?.stringValue else {
            self = .foreign(head, from: address)
            return
        }
        self.init(
            .refused(status: head.status), detail.printable.withoutPeriod, hint: problem["hint"]?.stringValue?.printable
        )
        self.code = code
        self.problem = problem
        retryAfter = head.retryAfter
        hint = Self.nextStep(status: head.status) ?? hint
    }

    private static func foreign(_ head: ResponseHead, from address: DaemonAddress) -> ClientError {
        if let place = head["location"], (300..<400).contains(head.status) {
            return ClientError(
                .foreign, "\(address) answers that the daemon is elsewhere (status \(head.status))",
                hint: "Use the address itself: \(place.printable)")
        }
        // What a proxy says while the daemon behind it is away.
        let isPassing = [502, 503, 504].contains(head.status)
        return ClientError(
            isPassing ? .refused(status: head.status) : .foreign,
            "\(address) answers with status \(head.status), and not as integrationd does",
            hint: isPassing ? nil : "Is it the address of a daemon, with its base path?")
    }

    private static func nextStep(status: Int) -> String? {
        switch status {
        case 401: "Give the token in INTEGRATIOND_TOKEN, or name a file that holds it with --token-file."
        default: nil
        }
    }
}

extension String {
    fileprivate var withoutPeriod: String { hasSuffix(".") ? String(dropLast()) : self }
}
