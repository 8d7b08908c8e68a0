import PluginKit

/// A task or list whose comments and attachments are still to be fetched.
struct Remarked: QueueEntry, Equatable {
    enum Kind: String, Sendable {
        case task, list

        var collection: Collection { self == .task ? .tasks : .lists }
    }

    var kind = Kind.task
    var id: String
    var name: String

    /// Tells apart what has the same id and is not of the same kind.
    var scope: String { kind == .task ? id : "list/\(id)" }
}

typealias RemarkQueue = WorkQueue<Remarked>

extension Remarked {
    init?(queued value: JSONValue) {
        guard let parts = value.array, parts.count >= 2, let id = parts[0].string, let name = parts[1].string else {
            return nil
        }
        self.init(kind: parts.count > 2 ? .list : .task, id: id, name: name)
    }

    var queued: JSONValue {
        .array([.string(id), .string(name)] + (kind == .list ? [.string(kind.rawValue)] : []))
    }
}

extension Selection {
    /// What hangs on a task is imported too.
    var wantsRemarks: Bool { wants(.comments) || wants(.attachments) }
}
