package import Core
package import Engine
import HTTPTypes
import Hummingbird
package import Logging

/// Everything that the routes use.
package struct API: Sendable {
    package var scheduler: RunScheduler
    package var storage: any Storage
    package var logger: Logger
    /// What the configuration says, as it is now.
    private let configured: Current<Configured>
    /// Reads the configuration again.
    let reload: Reload

    package var integrations: [Integration] { configured.value.integrations }
    package var catalog: any PluginCatalog { configured.value.catalog }
    package var settings: Settings { configured.value.settings }

    /// What another configuration replaces.
    package struct Configured: Sendable {
        package var integrations: [Integration]
        package var catalog: any PluginCatalog
        package var settings: Settings

        package init(integrations: [Integration], catalog: any PluginCatalog, settings: Settings) {
            self.integrations = integrations
            self.catalog = catalog
            self.settings = settings
        }
    }

    package struct Settings: Sendable {
        /// `/api`, or empty.
        package var basePath: String
        /// How long a stream may be silent.
        package var heartbeat: Duration
        /// In bytes.
        package var maximumBody: Int
        /// How long a request's body may take to arrive.
        package var bodyPatience: Duration
        /// Streams at once.
        package var maximumStreams: Int
        /// Streams at once of one token.
        package var maximumStreamsPerToken: Int
        /// How long runs are kept after their end.
        package var keepRuns: Duration
        package var authenticator: Authenticator?
        package var allowedOrigins: [String]

        package init(
            basePath: String, heartbeat: Duration, maximumBody: Int, bodyPatience: Duration, maximumStreams: Int,
            maximumStreamsPerToken: Int, keepRuns: Duration, authenticator: Authenticator?, allowedOrigins: [String]
        ) {
            self.basePath = basePath
            self.heartbeat = heartbeat
            self.maximumBody = maximumBody
            self.bodyPatience = bodyPatience
            self.maximumStreams = maximumStreams
            self.maximumStreamsPerToken = maximumStreamsPerToken
            self.keepRuns = keepRuns
            self.authenticator = authenticator
            self.allowedOrigins = allowedOrigins
        }
    }

    let entryCalls: EntryCalls
    package let webhookImports: WebhookImports
    let webhookLimits = WebhookLimits()
    let openStreams: OpenStreams
    let hub: StreamHub
    let endedLogs = EndedLogs()

    /// How long a client may take nothing before its stream is closed.
    private static let streamPatience = Duration.seconds(20)

    package init(
        _ configured: Current<Configured>, scheduler: RunScheduler, storage: any Storage, logger: Logger,
        reload: @escaping Reload
    ) {
        self.configured = configured
        self.scheduler = scheduler
        self.storage = storage
        self.logger = logger
        self.reload = reload
        entryCalls = EntryCalls(scheduler.services)
        webhookImports = WebhookImports(scheduler)
        let openStreams = OpenStreams()
        self.openStreams = openStreams
        hub = StreamHub(
            .init(heartbeat: configured.value.settings.heartbeat, patience: Self.streamPatience) {
                // A thousand streams end within two seconds, one at once.
                min(.milliseconds(2 * openStreams.count), .seconds(2))
            })
    }

    /// One table of everything that is served.
    var routes: [Route] {
        healthRoutes + metricsRoutes + reloadRoutes + integrationRoutes + entryRoutes + syncRoutes + runRoutes
            + runActionRoutes + documentRoutes + sessionRoutes + openAPIRoutes + assetRoutes
    }

    /// The integration that a path names, as far as the caller's tenant may know of it.
    func integration(
        _ request: Request, _ context: APIContext
    ) throws -> (integration: Integration, tenant: Tenant) {
        let name = try context.parameters.require("name")
        let unknown = Problem(.integrationUnknown, "There is no integration named \"\(name)\".")
        guard let integration = integrations.first(where: { $0.name == name }) else { throw unknown }
        // What belongs to others is not there, also for a token that could not even ask for it.
        if let own = integration.tenant, !context.principal.may(use: own) { throw unknown }
        let tenant = try context.tenant(request, integration: integration)
        guard integration.tenant == nil || integration.tenant == tenant else { throw unknown }
        return (integration, tenant)
    }
}

/// One method at one path.
struct Route: Sendable {
    var method: HTTPRequest.Method
    /// `/runs/{id}`
    var path: String
    /// What a token needs.
    var scope: Principal.Scope?
    /// To everyone, without any token.
    var isOpen: Bool
    var handle: @Sendable (Request, APIContext) async throws -> Response

    /// - Parameter scope: nil: open to everyone.
    init(
        _ method: HTTPRequest.Method, _ path: String, _ scope: Principal.Scope?,
        _ handle: @escaping @Sendable (Request, APIContext) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.scope = scope
        isOpen = scope == nil
        self.handle = handle
    }

    /// For every token, whatever its scopes.
    static func withAnyToken(
        _ method: HTTPRequest.Method, _ path: String,
        _ handle: @escaping @Sendable (Request, APIContext) async throws -> Response
    ) -> Route {
        var route = Route(method, path, nil, handle)
        route.isOpen = false
        return route
    }

    /// Whether this route is what a path means.
    func matches(_ path: some StringProtocol) -> Bool {
        let own = self.path.split(separator: "/")
        let parts = path.split(separator: "/")
        return own.count == parts.count && zip(own, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
