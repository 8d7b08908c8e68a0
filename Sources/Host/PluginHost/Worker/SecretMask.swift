import Core

/// Takes an integration's secrets out of what its plugin says.
struct SecretMask: Sendable {
    static let replacement = "***"

    /// Shorter ones would mask half of every text, and protect nothing.
    private static let shortest = 4
    /// A line of a secret that has several, such as a private key.
    private static let shortestLine = 8
    /// Texts below this size were not cut off.
    private static let cutSize = 1000
    private static let stepSize = 64
    /// The bytes of each way in which a secret may be written.
    private let forms: [[UInt8]]

    init(_ secrets: some Sequence<Secret>) {
        var forms: Set<[UInt8]> = []
        for secret in secrets.lazy.map({ $0.reveal() }) where secret.utf8.count >= Self.shortest {
            for form in Self.forms(of: secret) { forms.insert(Array(form.utf8)) }
        }
        self.forms = Array(forms)
    }

    private static func forms(of secret: String) -> [String] {
        let json = String(JSONValue.string(secret).text.dropFirst().dropLast())
        let percent = percentEncoded(secret)
        let lines = secret.split(whereSeparator: \.isNewline).map(String.init)
        // A step's name keeps what the worker lets through of it.
        let step = String(decoding: secret.utf8.map(Self.stepByte), as: UTF8.self)
        let isTelling = step.utf8.count { $0 != UInt8(ascii: "_") } >= shortestLine
        return (isTelling ? [step] : []) + [
            secret, json, json.replacing("/", with: "\\/"), inASCII(json), inASCII(json, inUpperCase: true), percent,
            percentEncoded(secret, inUpperCase: false), percent.replacing("%20", with: "+"),
        ] + lines.filter { $0.utf8.count >= shortestLine }
    }

    /// JSON as some write it: every character outside of ASCII as `\u00e9`.
    private static func inASCII(_ json: String, inUpperCase: Bool = false) -> String {
        json.utf16.map { unit in
            guard unit >= 0x80 else { return String(UnicodeScalar(UInt8(unit))) }
            let digits = String(unit, radix: 16, uppercase: inUpperCase)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    private static func stepByte(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
        default: UInt8(ascii: "_")
        }
    }

    func callAsFunction(_ text: String) -> String { masked(text, cutAt: Self.cutSize) }

    /// The name of a step, which the worker cuts sooner.
    func step(_ name: String) -> String { masked(name, cutAt: Self.stepSize) }

    private func masked(_ text: String, cutAt cutSize: Int) -> String {
        guard !forms.isEmpty else { return text }
        let bytes = Array(text.utf8)
        let places = places(in: bytes, cutAt: cutSize)
        guard !places.isEmpty else { return text }
        var masked: [UInt8] = []
        var end = 0
        for place in places.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if place.lowerBound >= end {
                masked += bytes[end..<place.lowerBound]
                masked += Self.replacement.utf8
            }
            end = max(end, place.upperBound)  // secrets that overlap are one
        }
        return String(decoding: masked + bytes[end...], as: UTF8.self)
    }

    func callAsFunction(_ text: String?) -> String? { text.map { self($0) } }

    /// Byte by byte: what Swift takes for one character may be the end of a secret and more.
    private func places(in bytes: [UInt8], cutAt cutSize: Int) -> [Range<Int>] {
        var places: [Range<Int>] = []
        for form in forms {
            if form.count <= bytes.count {
                for start in 0...bytes.count - form.count
                where bytes[start] == form[0] && bytes[start...].starts(with: form) {
                    places.append(start..<start + form.count)
                }
            }
            if bytes.count >= cutSize, let cut = Self.cutOff(form, in: bytes) { places.append(cut) }
        }
        return places
    }

    /// A long text was cut to its limit, perhaps in the middle of the secret.
    private static func cutOff(_ form: [UInt8], in bytes: [UInt8]) -> Range<Int>? {
        for size in stride(from: form.count - 1, through: shortest, by: -1)
        where size <= bytes.count && bytes.suffix(size).elementsEqual(form.prefix(size)) {
            return bytes.count - size..<bytes.count
        }
        return nil
    }

    private static func percentEncoded(_ text: String, inUpperCase: Bool = true) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                return String(UnicodeScalar(byte))
            default:
                let digits = CollectionOfOne(byte).hexadecimal
                return "%" + (inUpperCase ? digits.uppercased() : digits)
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
            .progress(step: mask.step(step), message: mask(message), count: count, total: total)
        case .log(let level, let message, let fields):
            .log(level: level, message: mask(message), fields: mask(fields))
        case .output(let line, let isError): .output(mask(line), isError: isError)
        case .waiting(let until, let reason): .waiting(until: until, reason: mask(reason))
        case .loadFailed(let message): .loadFailed(mask(message))
        case .fail(let code, let message, let retryAfter):
            .fail(code: mask(code), message: mask(message), retryAfter: retryAfter)
        case .report(let report): .report(report.masked(by: mask))
        case .refused(let report): .refused(report.masked(by: mask))
        case .reply(let contentType, let body):
            .reply(
                contentType: mask(contentType), body: Array(mask(String(decoding: body, as: UTF8.self)).utf8))
        case .described, .contained, .entered, .upsert, .known, .complete, .remove, .checkpoint, .lost,
            .returned, .reserve, .release, .observe:
            self
        }
    }
}

extension ReportedDocument {
    /// `document` stays: the store has to find it.
    fileprivate func masked(by mask: SecretMask) -> ReportedDocument {
        var report = self
        report.collection = mask(collection)
        report.code = mask(code)
        report.externalID = mask(externalID)
        report.message = mask(message)
        return report
    }
}
