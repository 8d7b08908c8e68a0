/// A webhook as it was registered, and how its deliveries go.
struct Webhook: Sendable {
    let id: String
    var endpoint: String
    /// `["*"]`: all.
    var events: [String]
    /// nil: the whole workspace.
    let location: WebhookLocation?
    let secret: String
    var isActive = true
    /// Events that could not be delivered since the last that could.
    var failures = 0

    /// ClickUp gives up on an endpoint after so many.
    private static let failureLimit = 100

    func wants(_ event: WorkspaceEvent) -> Bool {
        guard isActive, events.contains("*") || events.contains(event.name) else { return false }
        return location.map(event.places.contains) ?? true
    }

    /// - Parameter status: of the last try's answer; nil: there was none.
    mutating func note(_ status: Int?) {
        if let status, (200..<300).contains(status) {
            failures = 0
            return
        }
        failures += 1
        if status == 410 || failures >= Self.failureLimit { isActive = false }
    }
}

/// What a webhook is narrowed to, or what an event happened to.
enum WebhookLocation: Hashable, Sendable {
    case space(Int)
    case folder(Int)
    case list(Int)
    case task(String)
}

/// All webhooks, in the order of registration.
struct WebhookBook: Sendable {
    private(set) var all: [Webhook] = []
    private var made = 0

    /// Ids and secrets are the same in every simulator.
    mutating func register(_ endpoint: String, _ events: [String], at location: WebhookLocation?) -> Webhook {
        made += 1
        let digits = String(100 + made)
        let webhook = Webhook(
            id: "4b67ac88-e506-4a29-9d42-26e504e34\(digits)", endpoint: endpoint, events: events, location: location,
            secret: "O94IM25S7PXBPYTMNXLLET230SRP0S89COR7B1YOJ2ZI\(digits)")
        all.append(webhook)
        return webhook
    }

    /// nil: there is none with this id.
    mutating func change(_ id: String, _ change: (inout Webhook) -> Void) -> Webhook? {
        guard let index = all.firstIndex(where: { $0.id == id }) else { return nil }
        change(&all[index])
        return all[index]
    }

    /// False: there is none with this id.
    mutating func remove(_ id: String) -> Bool {
        let count = all.count
        all.removeAll { $0.id == id }
        return all.count < count
    }
}
