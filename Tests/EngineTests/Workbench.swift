import Core
import Engine
import Logging
import Testing

/// An engine with a plugin and a store that a test controls.
struct Workbench {
    let storage = MemoryStorage()
    let launcher: FakeLauncher
    let scheduler: RunScheduler

    init(
        maxConcurrent: Int = 4, stalledAfter: Duration = .seconds(60), cancelGrace: Duration = .seconds(60),
        retryDelay: Duration = .milliseconds(1),
        _ script: @escaping FakeLauncher.Script = { session, _ in session.returns(.ok) }
    ) {
        launcher = FakeLauncher(script)
        scheduler = RunScheduler(
            EngineServices(
                storage: storage, launcher: launcher,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                limits: .init(
                    maxConcurrent: maxConcurrent, stalledAfter: stalledAfter, cancelGrace: cancelGrace,
                    retryDelay: retryDelay)))
    }

    static func integration(_ name: String = "clickup", timeout: Duration? = nil) -> Integration {
        Integration(
            name: name, displayName: "ClickUp", isEnabled: true, plugin: "libClickUp.so", tenant: nil, timeout: timeout)
    }

    func start(
        _ integration: Integration = integration(), tenant: Tenant = .default, options: RunOptions = RunOptions()
    ) async throws -> (run: ActiveRun, isNew: Bool) {
        try await scheduler.start(integration, tenant: tenant, options: options, requestedBy: "test")
    }

    /// One run from its start to its end.
    func story(_ integration: Integration = integration(), options: RunOptions = RunOptions()) async throws -> Story {
        let (run, _) = try await start(integration, options: options)
        return Story(run: run, events: await run.events())
    }
}

/// What a reader saw of a run, and what became of it.
struct Story {
    let run: ActiveRun
    let events: [RunEvent]

    var result: Run { run.snapshot }
    var steps: [String] { events.filter { !$0.isTerminal }.map(\.step) }
    var terminals: [RunEvent] { events.filter(\.isTerminal) }

    func body(_ event: RunEvent) throws -> JSONValue { try JSONValue(parsing: event.body) }

    /// The body of the one terminal event.
    func end() throws -> JSONValue {
        try #require(terminals.count == 1 && events.last?.isTerminal == true)
        return try body(terminals[0])
    }
}

extension ActiveRun {
    /// All events that a reader sees who follows the run from its first to its last; fewer when a
    /// test runs out of time.
    func events() async -> [RunEvent] {
        var events: [RunEvent] = []
        while !Task.isCancelled {
            let part = log.read(after: events.last?.sequence ?? 0)
            events += part.entries.map(\.event)
            if part.isOver { return events }
            await log.wait(after: events.last?.sequence ?? 0)
        }
        return events
    }

    /// The first event of a step, as soon as it is there.
    @discardableResult
    func event(_ step: String) async -> RunEvent? {
        var cursor: Int64 = 0
        while !Task.isCancelled {
            let part = log.read(after: cursor)
            if let event = part.entries.first(where: { $0.event.step == step }) { return event.event }
            if part.isOver { return nil }
            cursor = part.entries.last?.event.sequence ?? cursor
            await log.wait(after: cursor)
        }
        return nil
    }
}
