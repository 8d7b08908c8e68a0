public import PluginABI

/// Runs a connection test for `integration_test_v1`, as `runImport` does an import.
public func runTest<P: ConnectionTesting>(
    _ plugin: P.Type, _ call: UnsafePointer<integration_call>
) -> integration_status {
    HostBridge.run(call) { options, host in
        try host.reply(await P().test(EntryCall(options: options, host: host)).json)
    }
}

/// Lists what there is to import for `integration_structure_v1`, as `runImport` does an import.
public func runStructure<P: StructureListing>(
    _ plugin: P.Type, _ call: UnsafePointer<integration_call>
) -> integration_status {
    HostBridge.run(call) { options, host in
        let nodes = try await P().structure(EntryCall(options: options, host: host))
        try host.reply(["nodes": .array(nodes.map(\.json))])
    }
}

/// Has the plugin judge a request for `integration_webhook_v1`, as `runImport` does an import.
public func runWebhook<P: WebhookReceiving>(
    _ plugin: P.Type, _ call: UnsafePointer<integration_call>,
    _ request: UnsafePointer<integration_webhook_request>
) -> integration_status {
    guard request.pointee.struct_size >= UInt32(MemoryLayout<integration_webhook_request>.size)
    else { return INTEGRATION_UNSUPPORTED }
    let request = WebhookRequest(reading: request.pointee)
    return HostBridge.run(call) { options, host in
        let reply = try await P().webhook(request, EntryCall(options: options, host: host))
        if let json = reply.json { try host.reply(json) }
    }
}

extension WebhookRequest {
    fileprivate init(reading given: integration_webhook_request) {
        self.init(
            method: String(cString: given.method), path: String(cString: given.path),
            query: String(cString: given.query),
            headers: UnsafeBufferPointer(start: given.headers, count: Int(given.header_count))
                .map { Header(String(cString: $0.name), String(cString: $0.value)) },
            body: Array(UnsafeRawBufferPointer(start: given.body, count: given.body_size)))
    }
}

extension HostBridge {
    fileprivate func reply(_ json: JSONValue) throws {
        let bytes = json.utf8
        let status = call {
            bytes.withUnsafeBytes { bytes -> integration_status in
                guard let start = bytes.baseAddress else { return INTEGRATION_INTERNAL }
                return host.pointee.reply(host, "application/json", start, bytes.count)
            }
        }
        try check(status, "the reply")
    }
}

// MARK: The extension for rate limits

extension HostBridge {
    var sharesRateLimits: Bool { withRateLimit { _, _ in true } ?? false }

    func reserve(_ cost: Int64, account: String) throws -> Duration {
        let wait = withRateLimit { $1.pointee.reserve($0, account, cost) } ?? 0
        if wait < 0 { try check(INTEGRATION_CANCELLED, account) }
        return .milliseconds(wait)
    }

    func release(_ cost: Int64, account: String) {
        withRateLimit { $1.pointee.release($0, account, cost) }
    }

    func observe(account: String, limit: Int64?, remaining: Int64?, reset: Timestamp?) {
        withRateLimit {
            $1.pointee.observe(
                $0, account, limit ?? INTEGRATION_UNKNOWN, remaining ?? INTEGRATION_UNKNOWN,
                reset?.milliseconds ?? INTEGRATION_UNKNOWN)
        }
    }

    @discardableResult
    private func withRateLimit<Result>(
        _ body: (UnsafePointer<integration_host>, UnsafePointer<integration_rate_limit>) -> Result
    ) -> Result? {
        withExtension(INTEGRATION_EXT_RATE_LIMIT, body)
    }
}
