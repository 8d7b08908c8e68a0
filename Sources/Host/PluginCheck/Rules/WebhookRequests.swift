import Core
import PluginHost
import Probe

/// What strangers send to a webhook's address.
struct StrangeRequest {
    /// For a sentence: `with …`.
    var what: String
    var request: WebhookRequest

    init(_ what: String, headers: [(name: String, value: String)] = [], _ body: [UInt8], method: String = "POST") {
        self.what = what
        request = WebhookRequest(method: method, path: "/", query: "", headers: headers, body: body)
    }

    private static let json = [(name: "content-type", value: "application/json")]

    /// As a source might send them, but without its signature.
    static let unsigned = [
        StrangeRequest("an empty object", headers: json, Array("{}".utf8)),
        StrangeRequest(
            "an event", headers: json,
            Array(#"{"event":"updated","action":"edited","type":"update","id":"1","data":{"id":"1"}}"#.utf8)),
    ]

    /// What no source sends; the same for the same seed.
    static func garbage(_ seed: UInt64) -> [StrangeRequest] {
        var random = SplitMix64(seed: seed)
        let signature = random.bytes(32).hexadecimal
        let signed = [
            (name: "x-signature", value: signature), (name: "x-hub-signature-256", value: "sha256=\(signature)"),
            (name: "authorization", value: "Bearer \(signature)"),
        ]
        let many = (0..<200).map { (name: "x-\($0)", value: String(repeating: "y", count: 100)) }
        return [
            StrangeRequest("neither headers nor body", [], method: "GET"),
            StrangeRequest("200 headers", headers: many, Array("{".utf8)),
            StrangeRequest("half of an object", headers: signed + json, Array(#"{"event":"upd"#.utf8)),
            StrangeRequest("100,000 brackets", headers: json, Array(repeating: UInt8(ascii: "["), count: 100_000)),
            StrangeRequest("1 MiB of random bytes", headers: signed, random.bytes(1 << 20)),
        ]
    }
}

/// Each of them has to be answered with 401 or 400.
func refuse(_ requests: [StrangeRequest], _ subject: Subject) throws(Verdict) {
    for request in requests {
        let recording = try receive(request, subject)
        guard recording.status != nil else {
            throw .failed("with \(request.what) it did not return: \(subject.end(of: recording))")
        }
        guard recording.status == 2 || recording.status == 3 else {
            throw .failed(
                "with \(request.what) (--seed \(subject.seed)) it \(subject.outcome(of: recording)), and neither "
                    + "AUTH_FAILED nor INVALID_SETTINGS")
        }
    }
}

func receive(_ request: StrangeRequest, _ subject: Subject) throws(Verdict) -> Recording {
    guard try subject.described().capabilities.webhook else { throw .skipped("it has no integration_webhook_v1") }
    return try subject.importing {
        $0.entry = .webhook
        $0.request = request.request
    }
}
