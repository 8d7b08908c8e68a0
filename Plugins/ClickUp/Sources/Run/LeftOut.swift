import PluginKit

/// Why the settings leave something out that an import has seen; the text is the report's code.
enum LeftOut: String, Sendable {
    /// It lies in no place that was chosen, and was not chosen itself.
    case notChosen = "not-chosen"
    case excluded
    case archived
    case older = "before-since"

    fileprivate var predicate: String {
        switch self {
        case .notChosen: "is none of what was chosen"
        case .excluded: "is excluded"
        case .archived: "is archived"
        case .older: "last changed before the time in `since`"
        }
    }
}

extension ImportCall {
    /// Says in the run's report that something was seen and left out.
    func leaveOut(_ collection: Collection, _ id: String, named name: String, _ reason: LeftOut) {
        report(
            .skipped, collection, id, code: reason.rawValue,
            "\(collection.name(of: id, name).capitalizedFirst) \(reason.predicate).")
    }
}

extension Selection {
    func leftOut(_ place: Structure.SpacePlace) -> LeftOut? {
        leftOut(space: place.space.id) ?? (place.isArchived && !includesArchived ? .archived : nil)
    }

    func leftOut(_ folder: Structure.Folder) -> LeftOut? {
        leftOut(space: folder.space.id, folder: folder.id)
            ?? (folder.isArchived && !includesArchived ? .archived : nil)
    }

    func leftOut(_ list: Structure.List) -> LeftOut? {
        leftOut(space: list.space.id, folder: list.folder?.id, list: list.id)
            ?? (list.isOutOfTheWay && !includesArchived ? .archived : nil)
    }

    func leftOut(_ task: ClickUpTask) -> LeftOut? {
        if !includesArchived, task["archived"]?.bool == true { return .archived }
        guard !coversAllPlaces else { return nil }
        return leftOut(space: task.space ?? "", folder: task.folder?["id"]?.text, list: task.list)
    }

    func covers(_ list: Structure.List) -> Bool { leftOut(list) == nil }
    func covers(_ folder: Structure.Folder) -> Bool { leftOut(folder) == nil }
}

extension Collection {
    /// One of them, for a sentence.
    var noun: String { self == .timeEntries ? "time entry" : String(rawValue.dropLast()) }

    /// For a sentence: `list “Inbox” (600)`.
    func name(of id: String, _ name: String) -> String {
        name.isEmpty ? "\(noun) \(id)" : "\(noun) “\(Excerpt.line(name, limit: 80))” (\(id))"
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
