import Core
import Engine
import Hummingbird

extension API {
    var integrationRoutes: [Route] {
        [
            Route(.get, "/integrations", .read, listIntegrations),
            Route(.get, "/integrations/{name}", .read, showIntegration),
            Route(.delete, "/integrations/{name}/quarantine", .admin, endQuarantine),
        ]
    }

    @Sendable private func listIntegrations(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        var items: [JSONValue] = []
        for integration in integrations {
            let tenant: Tenant
            do throws(Problem) {
                tenant = try context.tenant(request, integration: integration)
            } catch {
                guard error.code == .forbiddenTenant else { throw error }
                continue
            }
            // What belongs to another tenant is not there for this one.
            guard integration.tenant == nil || integration.tenant == tenant else { continue }
            items.append(try await describe(integration, tenant))
        }
        return .page(Page(items: items, next: nil)) { $0 }
    }

    @Sendable private func showIntegration(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let (integration, tenant) = try integration(request, context)
        return .json(try await describe(integration, tenant))
    }

    private func describe(_ integration: Integration, _ tenant: Tenant) async throws -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("name", .string(integration.name)),
            .init("displayName", .string(integration.displayName)),
            .init("enabled", .bool(integration.isEnabled)),
        ]
        switch await catalog.summary(of: integration.name) {
        case .success(let plugin):
            members += Self.members(of: plugin)
            members.append(.init("containment", plugin.containmentJSON(timeout: integration.timeout)))
        case .failure(let failure):
            members += [
                .init("plugin", .null), .init("capabilities", .null), .init("settingsSchema", .null),
                .init("pluginError", failure.json),
            ]
        }
        if let record = scheduler.services.quarantines.record(of: integration.name) {
            members.append(.init("quarantine", record.json))
        }
        let lastRun = try await lastRun(of: integration, tenant)
        members.append(.init("lastRun", lastRun?.json(basePath: settings.basePath) ?? .null))
        // Its scheduled imports are those of one tenant.
        if integration.isEnabled, tenant == integration.tenant ?? .default,
            let next = integration.timetable?.next(after: .now)
        {
            members.append(.init("nextRun", .string(next.description)))
        }
        return .object(members)
    }

    /// 204 also where there was none: it is not in quarantine now.
    @Sendable private func endQuarantine(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let (integration, _) = try integration(request, context)
        let quarantines = scheduler.services.quarantines
        await withCheckedContinuation { continuation in
            // The store's lock may be held by an import.
            OwnThread.start(name: "quarantine") {
                quarantines.clear(integration.name)
                continuation.resume()
            }
        }
        return Response(status: .noContent)
    }

    private static func members(of plugin: PluginSummary) -> [JSONValue.Member] {
        [
            .init(
                "plugin",
                [
                    "id": .string(plugin.id), "version": .string(plugin.version),
                    "abi": .string(plugin.abi), "sha256": .string(plugin.sha256),
                ]),
            .init(
                "capabilities",
                [
                    "progress": .bool(plugin.reportsProgress), "test": .bool(plugin.canTest),
                    "structure": .bool(plugin.hasStructure), "webhook": .bool(plugin.takesWebhooks),
                ]),
            .init("collections", .array(plugin.collections.map(JSONValue.string))),
            .init("settingsSchema", plugin.settingsSchema),
        ]
    }

    /// The active run, or else the newest one that has ended.
    func lastRun(of integration: Integration, _ tenant: Tenant) async throws -> Run? {
        if let latest = scheduler.latestRun(of: integration.name, tenant: tenant) { return latest.snapshot }
        var query = RunQuery(tenant: tenant)
        query.integration = integration.name
        query.limit = 1
        return try await storage.runs(query).items.first
    }
}

extension CrashRecord {
    /// Of one that is in quarantine.
    fileprivate var json: JSONValue {
        [
            "reason": .string(reason), "crashes": .integer(Int64(crashes)),
            "since": quarantine.map { .string($0.since.description) } ?? .null,
            "nextTry": quarantine.map { .string($0.nextTry.description) } ?? .null,
        ]
    }
}
