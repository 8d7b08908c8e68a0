import Crypto
import ServiceLifecycle
import Synchronization

/// Delivers events to the webhooks that want them, one after the other.
final class Courier: Service {
    private struct Parcel: Sendable {
        let webhook: Webhook
        let event: WorkspaceEvent
        let repeats: Int
    }

    private struct State {
        var deliveries: [JSON] = []
        var pending = 0
    }

    private let parcels: AsyncStream<Parcel>
    private let sender: AsyncStream<Parcel>.Continuation
    private let state = Mutex(State())
    private let report: @Sendable (_ webhook: String, _ status: Int?) -> Void

    /// As ClickUp has it: so many tries, and so long for each.
    private static let tries = 5
    private static let patience = Duration.seconds(7)
    private static let pause = Duration.milliseconds(200)

    /// - Parameter report: gets the last answer's status for each event.
    init(report: @escaping @Sendable (_ webhook: String, _ status: Int?) -> Void) {
        (parcels, sender) = AsyncStream.makeStream()
        self.report = report
    }

    /// - Parameter repeats: how often each event is delivered again, with the same ids.
    func send(_ events: [WorkspaceEvent], to webhooks: [Webhook], repeats: Int) {
        for event in events {
            for webhook in webhooks where webhook.wants(event) {
                state.withLock { $0.pending += 1 }
                sender.yield(Parcel(webhook: webhook, event: event, repeats: repeats))
            }
        }
    }

    func run() async {
        for await parcel in parcels.cancelOnGracefulShutdown() {
            let body = parcel.event.json(for: parcel.webhook.id).bytes
            for _ in 0...parcel.repeats { await deliver(body, parcel) }
            state.withLock { $0.pending -= 1 }
        }
    }

    private func deliver(_ body: [UInt8], _ parcel: Parcel) async {
        let webhook = parcel.webhook
        let signature = Self.sign(body, with: webhook.secret)
        var status: Int?
        var tries = 0
        while tries < Self.tries {
            tries += 1
            status = await WebPost(webhook.endpoint)?.send(body, signature: signature, within: Self.patience)
            if let status, (200..<300).contains(status) || status == 410 { break }
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }  // the simulator ends
        }
        report(webhook.id, status)
        let line: JSON = [
            "webhook": .string(webhook.id), "event": .string(parcel.event.name),
            "status": status.map { .int($0) } ?? .null, "tries": .int(tries),
            "signature": .string(signature), "body": .string(String(decoding: body, as: UTF8.self)),
        ]
        state.withLock { $0.deliveries.append(line) }
    }

    private static func sign(_ body: [UInt8], with secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8)))
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// `{"items":[{"webhook","event","status","tries","signature","body"}],"pending"}`
    var json: JSON {
        state.withLock { ["items": .array($0.deliveries), "pending": .int($0.pending)] }
    }
}
