import PluginKit

/// A task whose comments and attachments are still to be fetched.
struct RemarkTask: QueueEntry, Equatable {
    var id: String
    var name: String
}

typealias RemarkQueue = WorkQueue<RemarkTask>

extension RemarkTask {
    init?(queued value: JSONValue) {
        guard let parts = value.array, parts.count == 2, let id = parts[0].string, let name = parts[1].string else {
            return nil
        }
        self.init(id: id, name: name)
    }

    var queued: JSONValue { [.string(id), .string(name)] }
}
