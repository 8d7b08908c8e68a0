import Core

/// Takes an integration's secrets out of what its plugin says.
struct SecretMask: Sendable {
    static let replacement = "***"

    /// Shorter ones would mask half of every text, and protect nothing.
    private static let shortest = 4
    private let forms: [String]

    init(_ secrets: some Sequence<Secret>) {
        var forms: Set<String> = []
        for secret in secrets.lazy.map({ $0.reveal() }) where secret.utf8.count >= Self.shortest {
            forms.insert(secret)
            forms.insert(String(JSONValue.string(secret).text.dropFirst().dropLast()))
            forms.insert(Self.percentEncoded(secret))
        }
        self.forms = forms.sorted { $0.utf8.count > $1.utf8.count }
    }

    func callAsFunction(_ text: String) -> String {
        var text = text
        for form in forms where text.utf8.count >= Self.shortest {
            if text.contains(form) { text = text.split(separator: form, omittingEmptySubsequences: false).joined(separator: Self.replacement) }
            text = withoutCutOff(form, at: text)
        }
        return text
    }

    func callAsFunction(_ text: String?) -> String? { text.map { self($0) } }

    /// A long text was cut to its limit, perhaps in the middle of the secret.
    private func withoutCutOff(_ form: String, at text: String) -> String {
        guard text.utf8.count >= 1000 else { return text }
        for length in stride(from: form.utf8.count - 1, through: Self.shortest, by: -1) {
            let start = String(decoding: form.utf8.prefix(length), as: UTF8.self)
            if text.hasSuffix(start) { return text.dropLast(start.count) + Self.replacement }
        }
        return text
    }

    private static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + CollectionOfOne(byte).hexadecimal.uppercased()
            }
        }.joined()
    }
}

extension PluginMessage {
    /// The message without the secrets, wherever a plugin can put text that people will see.
    /// Documents are what the source holds and stay as they are.
    func masked(by mask: SecretMask) -> PluginMessage {
        switch self {
        case .progress(let step, let message, let count, let total):
            .progress(step: mask(step), message: mask(message), count: count, total: total)
        case .log(let level, let message, let fields):
            .log(level: level, message: mask(message), fields: mask(fields))
        case .output(let line, let isError): .output(mask(line), isError: isError)
        case .waiting(let until, let reason): .waiting(until: until, reason: mask(reason))
        case .loadFailed(let message): .loadFailed(mask(message))
        case .fail(let code, let message, let retryAfter):
            .fail(code: mask(code), message: mask(message), retryAfter: retryAfter)
        case .report(var report):
            .report(
                { () -> ReportedDocument in
                    report.code = mask(report.code)
                    report.message = mask(report.message)
                    return report
                }())
        case .described, .entered, .upsert, .known, .complete, .remove, .checkpoint, .lost, .returned:
            self
        }
    }
}
