import PluginKit

/// A task, list or chat whose comments and attachments are still to be fetched.
struct Remarked: QueueEntry, Equatable {
    enum Kind: String, Sendable {
        case task, list
        /// One that is a chat.
        case view

        var collection: Collection {
            switch self {
            case .task: .tasks
            case .list: .lists
            case .view: .views
            }
        }
    }

    var kind = Kind.task
    var id: String
    var name: String

    /// Tells apart what has the same id and is not of the same kind.
    var scope: String { kind == .task ? id : "\(kind.rawValue)/\(id)" }
}

typealias RemarkQueue = WorkQueue<Remarked>

extension Remarked {
    init?(queued value: JSONValue) {
        guard let parts = value.array, parts.count >= 2, let id = parts[0].string, let name = parts[1].string else {
            return nil
        }
        self.init(kind: parts.count > 2 ? parts[2].string.flatMap(Kind.init) ?? .task : .task, id: id, name: name)
    }

    var queued: JSONValue {
        .array([.string(id), .string(name)] + (kind == .task ? [] : [.string(kind.rawValue)]))
    }
}

extension Selection {
    /// What hangs on a task is imported too.
    var wantsRemarks: Bool { wants(.comments) || wants(.attachments) }
}
