import FoundationEssentials
import Synchronization

/// Everything the routes share. Each lock guards one value and is never held across a call out.
final class Simulator: Sendable {
    let workspace: Workspace
    let token: String
    private let lockedOptions: Mutex<Options>
    private let lockedLibrary: Mutex<Library>
    private let lockedProjects: Mutex<Projects>
    let faults = Mutex(FaultQueue())
    let requests = Mutex(RequestLog())
    let rateLimit = Mutex(RateLimit())

    init(workspace: Workspace, token: String, options: Options, sizes: TaskSizes) {
        self.workspace = workspace
        self.token = token
        lockedOptions = Mutex(options)
        lockedLibrary = Mutex(Library(workspace: workspace))
        lockedProjects = Mutex(Projects(workspace, sizes))
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
        lockedProjects.withLock { $0 }
    }

    func editProjects<Result: Sendable>(
        _ edit: (inout Projects, _ now: Int) throws -> Result
    ) rethrows -> Result {
        let now = Self.now
        return try lockedProjects.withLock { try edit(&$0, now) }
    }

    /// Unix time in milliseconds, as all of ClickUp's dates are.
    static var now: Int {
        Int(Date().timeIntervalSince1970 * 1000)
    }
}
