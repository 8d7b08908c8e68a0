import PluginKit

/// One listing of tasks that an import walks.
struct TaskListing: Sendable {
    /// Names it in checkpoints.
    var key: String
    /// What it lists, for a sentence.
    var title: String
    var path: String
    /// Beside the walk's own parameters.
    var filter: [(name: String, value: String)]
    var walk: TaskWalk
    /// Everything it brings is stored, also what seems to be known.
    var isWhole: Bool
    /// It lists what is archived, of the whole workspace.
    var isArchiveOfWorkspace = false

    private static let always: [(name: String, value: String)] = [
        ("include_closed", "true"), ("subtasks", "true"), ("include_markdown_description", "true"),
    ]

    var query: [(name: String, value: String)] { Self.always + filter + walk.query }

    init(
        _ key: String, _ title: String, path: String, filter: [(name: String, value: String)], walk: TaskWalk,
        isWhole: Bool
    ) {
        (self.key, self.title, self.path) = (key, title, path)
        (self.filter, self.walk, self.isWhole) = (filter, walk, isWhole)
    }
}

/// Which listings there are to walk, so that every task is in one of them.
struct TaskListings {
    let workspaceID: String
    let selection: Selection
    let structure: Structure

    /// Lists that one request names.
    private static let listsAtOnce = 40

    /// All tasks, or those that changed after `since`.
    func all(since: Int64?, prefix: String = "") -> [TaskListing] {
        let walk = since.map { TaskWalk(.updated, after: $0 - 1) } ?? TaskWalk(.created)
        let flags = selection.includesArchived ? [false, true] : [false]
        var listings: [TaskListing] = []
        for archived in flags {
            for (number, places) in filters.enumerated() {
                var listing = ofWorkspace(
                    "\(prefix)\(archived ? "archived" : "live")\(number)", places, archived: archived, walk,
                    since == nil)
                listing.isArchiveOfWorkspace = archived
                listings.append(listing)
            }
        }
        guard selection.includesArchived else { return listings }
        for list in structure.lists where list.isOutOfTheWay && selection.covers(list) {
            listings += flags.map { of(list, archived: $0, walk, prefix, since == nil) }
        }
        return listings
    }

    /// All tasks of these lists, wherever they are.
    func all(of ids: Set<String>) -> [TaskListing] {
        let lists = structure.lists.filter { ids.contains($0.id) }
        let flags = selection.includesArchived ? [false, true] : [false]
        let live = Self.filters(lists.filter { !$0.isOutOfTheWay }.map(\.id))
        var listings: [TaskListing] = []
        for archived in flags {
            for places in live {
                let named = Set(places.map(\.value))
                let key = Self.key(lists.filter { named.contains($0.id) })
                listings.append(
                    ofWorkspace(
                        "\(key)\(archived ? "archived" : "live")", places, archived: archived, TaskWalk(.created), true)
                )
            }
            for list in lists where list.isOutOfTheWay {
                listings.append(of(list, archived: archived, TaskWalk(.created), Self.key([list]), true))
            }
        }
        return listings
    }

    /// Of other lists, or with other names and places, it is another listing: an attempt that meets these has to
    /// walk it from the beginning.
    private static func key(_ lists: [Structure.List]) -> String {
        var hash = FNV1a()
        for list in lists { hash.add("\(list.id) \(list.revision)") }
        return "stale-\(hash.text)-"
    }

    /// What is archived in every list that is in use: for a service that does not know `archived`
    /// in the listing of the workspace.
    func archivesOfLists(since: Int64?) -> [TaskListing] {
        let walk = since.map { TaskWalk(.updated, after: $0 - 1) } ?? TaskWalk(.created)
        return structure.lists.filter { !$0.isOutOfTheWay && selection.covers($0) }
            .map { of($0, archived: true, walk, "", since == nil) }
    }

    private func ofWorkspace(
        _ key: String, _ places: [(name: String, value: String)], archived: Bool, _ walk: TaskWalk, _ isWhole: Bool
    ) -> TaskListing {
        TaskListing(
            key, archived ? "the workspace's archived tasks" : "the workspace's tasks",
            path: "/api/v2/team/\(ClickUpClient.escape(workspaceID))/task",
            filter: places + (archived ? [("archived", "true")] : []), walk: walk, isWhole: isWhole)
    }

    private func of(
        _ list: Structure.List, archived: Bool, _ walk: TaskWalk, _ prefix: String, _ isWhole: Bool
    ) -> TaskListing {
        TaskListing(
            "\(prefix)\(list.id)\(archived ? "-archived" : "")",
            "the \(archived ? "archived " : "")tasks of \(Collection.lists.name(of: list.id, list.name))",
            path: "/api/v2/list/\(ClickUpClient.escape(list.id))/task",
            filter: [("archived", "\(archived)")], walk: walk, isWhole: isWhole)
    }

    /// The parameters that narrow the workspace's listing to the selection: what is left out is
    /// sorted out here, spaces alone are named, and everything else becomes its lists.
    private var filters: [[(name: String, value: String)]] {
        if selection.only.isEmpty { return [[]] }
        if selection.only.folders.isEmpty, selection.only.lists.isEmpty {
            let spaces = selection.only.spaces.subtracting(selection.without.spaces)
            return spaces.isEmpty ? [] : [spaces.sorted().map { (name: "space_ids[]", value: $0) }]
        }
        return Self.filters(structure.lists.filter { !$0.isOutOfTheWay && selection.covers($0) }.map(\.id))
    }

    private static func filters(_ ids: [String]) -> [[(name: String, value: String)]] {
        let sorted = ids.sorted()
        return stride(from: 0, to: sorted.count, by: listsAtOnce).map { start in
            sorted[start..<min(start + listsAtOnce, sorted.count)].map { (name: "list_ids[]", value: $0) }
        }
    }
}
