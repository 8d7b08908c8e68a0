import Engine
import HTTP
import ServiceLifecycle

/// Starts the imports that webhooks ask for.
struct WebhookService: Service {
    let api: API

    func run() async throws {
        await cancelWhenGracefulShutdown { await api.webhookImports.run { api.integrations } }
    }
}
