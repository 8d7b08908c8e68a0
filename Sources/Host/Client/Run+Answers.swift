package import Core

extension DaemonClient {
    /// A run that has been asked for.
    package struct Started: Sendable {
        package var run: JSONValue
        /// It was under way before.
        package var isJoined: Bool
    }

    /// For how long a request is repeated whose answer did not come.
    private static let startingPatience = Duration.seconds(30)

    /// Starts a run, or joins the one that is under way.  However often the request has to be sent, one run is started.
    ///
    /// - Parameter options: nil: whatever run is under way will do.
    package func start(_ integration: String, options: JSONValue?) throws(ClientError) -> Started {
        let key = "Idempotency-Key: \(UUIDv7.make())"
        let deadline = ContinuousClock.now + Self.startingPatience
        var backoff = Backoff()
        var random = SystemRandomNumberGenerator()
        var hasAnswered = false
        while true {
            do {
                let path = "/integrations/\(Self.escape(integration))/sync"
                let answer = try send("POST", path, headers: [key], body: options)
                return Started(run: try json(answer), isJoined: answer.status == 200)
            } catch {
                // A daemon that was never there is told at once; one that goes down meanwhile comes back.
                let mayComeBack = error.kind == .broken || error.code == "draining" || hasAnswered
                guard error.isPassing, mayComeBack, .now < deadline else { throw error }
                hasAnswered = true
                _ = Interrupts().wait(
                    atMost: backoff.next(asked: min(error.retryAfter ?? .zero, .seconds(5)), using: &random))
            }
        }
    }

    /// The run that an argument names: its id, or the integration whose newest run it is.
    package func run(_ reference: String) throws(ClientError) -> JSONValue {
        if let id = RunID(reference) { return try get("/runs/\(id)") }
        let answer = try get("/integrations/\(Self.escape(reference))/status")
        guard let run = answer["run"], run["id"] != nil else {
            throw ClientError(
                .unusable, "\(reference) has never been run", hint: "integrationd sync \(reference) starts an import.")
        }
        return run
    }

    /// The only run that is under way.
    package func onlyActiveRun() throws(ClientError) -> JSONValue {
        let runs = try list("/runs?status=queued,running,waiting,cancelling", limit: 20)
        guard let run = runs.first else {
            throw ClientError(
                .unusable, "no run is under way", hint: "integrationd runs lists those that have ended.")
        }
        guard runs.count == 1 else {
            let names = runs.compactMap { $0["integration"]?.stringValue }.joined(separator: ", ")
            throw ClientError(.unusable, "several runs are under way: say which of \(names)")
        }
        return run
    }
}

extension ImportCounts {
    /// By collection, as the daemon tells it.
    package init(breakdown: JSONValue?) {
        self.init()
        for member in breakdown?.members ?? [] {
            func number(_ key: String) -> Int { Int(member.value[key]?.integerValue ?? 0) }
            var counts = Collection()
            (counts.new, counts.updated, counts.unchanged) = (number("new"), number("updated"), number("unchanged"))
            (counts.deleted, counts.failed, counts.skipped) = (number("deleted"), number("failed"), number("skipped"))
            self[member.key] = counts
        }
    }
}
