import FoundationEssentials
import Synchronization

/// Everything the routes share. Each lock guards one value and is never held across a call out.
final class Simulator: Sendable {
    let workspace: Workspace
    let token: String
    private let lockedOptions: Mutex<Options>
    private let lockedProjects: ProjectsLock
    private let lockedLibrary: Mutex<Library>
    let faults = Mutex(FaultQueue())
    let requests = Mutex(RequestLog())
    let rateLimit = Mutex(RateLimit())
    /// Takes the lock of the projects when an event has been delivered.
    let courier: Courier

    init(workspace: Workspace, token: String, options: Options, sizes: TaskSizes) {
        self.workspace = workspace
        self.token = token
        lockedOptions = Mutex(options)
        lockedLibrary = Mutex(Library(workspace: workspace))
        let projects = ProjectsLock(Projects(workspace, sizes))
        lockedProjects = projects
        courier = Courier { webhook, status in
            projects.value.withLock { _ = $0.webhooks.change(webhook) { $0.note(status) } }
        }
    }

    var options: Options {
        lockedOptions.withLock { $0 }
    }

    func change(_ change: OptionsChange) {
        lockedOptions.withLock { $0.apply(change) }
    }

    /// The docs as they are at this moment; a copy shares its storage until something changes.
    var library: Library {
        lockedLibrary.withLock { $0 }
    }

    func edit<Result: Sendable>(_ edit: (inout Library, _ now: Int) throws -> Result) throws -> Result {
        let now = Self.now
        return try lockedLibrary.withLock { try edit(&$0, now) }
    }

    /// Places and tasks as they are at this moment.
    var projects: Projects {
        lockedProjects.value.withLock { $0 }
    }

    /// What changes is told to webhooks.
    func editProjects<Result: Sendable>(
        _ edit: (inout Projects, _ now: Int) throws -> Result
    ) rethrows -> Result {
        let now = Self.now
        let (result, events, webhooks) = try lockedProjects.value.withLock { projects in
            let old = projects.webhooks.all.isEmpty ? nil : projects
            let result = try edit(&projects, now)
            return (result, old.map { projects.events(since: $0, now: now) } ?? [], projects.webhooks.all)
        }
        courier.send(events, to: webhooks, repeats: options.webhookRepeats)
        return result
    }

    /// Unix time in milliseconds, as all of ClickUp's dates are.
    static var now: Int {
        Int(Date().timeIntervalSince1970 * 1000)
    }
}

/// A place for the lock, which cannot be copied, so that two may hold it.
private final class ProjectsLock: Sendable {
    let value: Mutex<Projects>

    init(_ projects: Projects) { value = Mutex(projects) }
}
