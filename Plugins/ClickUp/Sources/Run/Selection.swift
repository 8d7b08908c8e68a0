import PluginKit

/// What an import covers: all of the workspace, or what the settings leave of it.
struct Selection: Sendable, Equatable {
    /// Ids of each kind of thing that can be chosen.
    struct IDs: Sendable, Equatable {
        var spaces: Set<String> = []
        var folders: Set<String> = []
        var lists: Set<String> = []
        var docs: Set<String> = []
        var tasks: Set<String> = []

        var hasPlaces: Bool { !spaces.isEmpty || !folders.isEmpty || !lists.isEmpty }
        var isEmpty: Bool { !hasPlaces && docs.isEmpty && tasks.isEmpty }

        fileprivate var text: String {
            [spaces, folders, lists, docs, tasks].map { $0.sorted().joined(separator: ",") }
                .joined(separator: ";")
        }
    }

    var collections: Set<Collection>
    /// Empty: everything.
    var only = IDs()
    var without = IDs()
    var includesArchived = true
    /// What changed before this time is left out: milliseconds since 1970.
    var since: Int64?
    /// The run chose this for itself: others import more, and go on without it.
    var isRunsOwn = false
    /// Collections that were not asked for and come with others, and why.
    private(set) var added: [Collection: String] = [:]

    func wants(_ collection: Collection) -> Bool { collections.contains(collection) }

    /// Nothing in the workspace is left out: what a listing does not show is gone from it.
    var isWhole: Bool { !isRunsOwn && only.isEmpty && without.isEmpty && includesArchived && since == nil }

    /// No place is chosen or left out.
    var coversAllPlaces: Bool { only.isEmpty && !without.hasPlaces }

    /// Folders and lists have to be listed.
    var needsTree: Bool {
        let users: [Collection] = [.folders, .lists, .tasks, .docs, .views]
        return !isOfSingles && users.contains(where: wants)
    }

    /// Single docs or tasks were chosen and nothing else: no listing is needed for them.
    var isOfSingles: Bool { !only.hasPlaces && !only.isEmpty }

    func covers(space: String, folder: String? = nil, list: String? = nil) -> Bool {
        leftOut(space: space, folder: folder, list: list) == nil
    }

    /// Why the choice of places leaves this one out; nil: it does not.
    func leftOut(space: String, folder: String? = nil, list: String? = nil) -> LeftOut? {
        if without.spaces.contains(space) || folder.map(without.folders.contains) == true
            || list.map(without.lists.contains) == true
        {
            return .excluded
        }
        let isChosen =
            only.isEmpty || only.spaces.contains(space) || folder.map(only.folders.contains) == true
            || list.map(only.lists.contains) == true
        return isChosen ? nil : .notChosen
    }

    /// Adds what cannot be done without.
    mutating func addWhatBelongs() {
        // Either name asks for both.
        if wants(.docs) || wants(.pages) {
            add(.docs, "pages are found through their doc")
            add(.pages, "they are what docs consist of")
        }
        if wants(.comments) || wants(.attachments) {
            add(.tasks, "comments and attachments are found through their task, and go with it")
        }
    }

    private mutating func add(_ collection: Collection, _ reason: String) {
        if collections.insert(collection).inserted { added[collection] = reason }
    }

    /// Tells apart what imports of different extent leave behind.
    var fingerprint: String {
        var hash = FNV1a()
        hash.add(collections.map(\.rawValue).sorted().joined(separator: ","))
        hash.add(only.text)
        hash.add(without.text)
        hash.add(includesArchived ? "archived" : "")
        hash.add(since.map { String($0) } ?? "")
        return hash.text
    }
}

/// The kinds of documents that this plugin stores, by their names in the store.
enum Collection: String, Sendable, CaseIterable {
    case spaces, folders, lists, tasks, docs, pages, members
    /// The second phase.
    case comments, attachments
    /// On request.
    case tags, goals, views
    case timeEntries = "time_entries"

    static let standard: Set<Collection> = [
        .spaces, .folders, .lists, .tasks, .docs, .pages, .members, .comments, .attachments,
    ]
}
