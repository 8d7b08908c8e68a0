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
    /// Imports that could not have it, one after the other.
    var failures = 0

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
        if parts.count > 3 { failures = parts[3].integer.flatMap { Int(exactly: $0) } ?? 0 }
    }

    var queued: JSONValue {
        var parts: [JSONValue] = [.string(id), .string(name)]
        if kind != .task || failures > 0 { parts.append(.string(kind.rawValue)) }
        if failures > 0 { parts.append(JSONValue(Int64(failures))) }
        return .array(parts)
    }
}

extension RemarkQueue {
    /// Puts lists and chats evenly among the tasks. They take fewer requests and were found before them: so what is
    /// done tells what the rest takes.
    func spread() throws {
        guard let mark else { return }
        var others: [Remarked] = []
        var tasks = 0
        try readAll(from: mark) { entry in
            if entry.kind == .task { tasks += 1 } else { others.append(entry) }
        }
        guard tasks > 0, !others.isEmpty else { return }
        try replace { queue in
            var (task, other) = (0, 0)
            var block: [Remarked] = []
            try readAll(from: mark) { entry in
                guard entry.kind == .task else { return }
                block.append(entry)
                task += 1
                let due = others.count * task / tasks
                block += others[other..<due]
                other = due
                if block.count >= Self.block {
                    try queue.append(block)
                    block = []
                }
            }
            try queue.append(block)
        }
    }

    /// Entries that are written at once.
    private static let block = 1_000

    private func readAll(from mark: QueueMark, _ body: (Remarked) throws -> Void) throws {
        var offset = mark.offset
        while offset < mark.size {
            let (entries, next) = try read(from: offset)
            for (entry, _) in entries { try body(entry) }
            guard next > offset else { return }
            offset = next
        }
    }
}

extension Selection {
    /// What hangs on a task is imported too.
    var wantsRemarks: Bool { wants(.comments) || wants(.attachments) }
}
