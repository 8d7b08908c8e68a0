package import PluginKit

/// Imports a ClickUp workspace: everything in it.
package struct ClickUpPlugin: Plugin {
    package init() {}

    package func `import`(_ call: ImportCall) async throws {
        let settings = try Settings(call)
        try await withTransport(settings) { try await run(call, settings, $0) }
    }

    /// Opens libcurl for one call and closes it, and translates errors for the host.
    func withTransport<Result>(_ settings: Settings, _ body: (CurlTransport) async throws -> Result) async throws
        -> Result
    {
        let transport = try CurlTransport(maximumConnections: settings.maximumConcurrentRequests)
        do {
            let result = try await body(transport)
            await transport.close()
            return result
        } catch {
            await transport.close()
            throw (error as? UpstreamError).map(PluginError.init) ?? error
        }
    }

    /// The import over any transport, as the tests run it.
    func run(
        _ call: ImportCall, _ settings: Settings, _ transport: some Transport,
        timekeeper: Timekeeper = .system
    ) async throws {
        let client = ClickUpClient(
            settings: settings, transport: transport, timekeeper: timekeeper, call: call)
        try await WorkspaceImport(call: call, settings: settings, client: client).run()
    }
}
