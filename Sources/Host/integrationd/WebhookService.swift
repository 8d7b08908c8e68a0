import Core
import Engine
import ServiceLifecycle

/// Starts the imports that webhooks ask for.
struct WebhookService: Service {
    let imports: WebhookImports
    let integrations: [Integration]

    func run() async throws {
        await cancelWhenGracefulShutdown { await imports.run(integrations) }
    }
}
