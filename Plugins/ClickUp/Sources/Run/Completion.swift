import PluginKit

/// Says what is gone: what a complete listing did not show.
struct Completion: Sendable {
    let call: ImportCall
    let selection: Selection
    /// Whether this run may say that of anything but the pages of a doc and the comments of a task.
    ///
    /// What is left out by a choice is not gone. So without a choice always; with one, only an import
    /// that goes on where another of the same choice stands, that reads everything again, or that was asked to.
    let isAllowed: Bool
    let structure: Structure

    /// - Parameter passedOver: scopes of docs or the like that were listed and left out by the choice: what
    ///   of these is not shown need not be gone.
    func callAsFunction(_ collection: Collection, passedOver: Set<String> = []) throws {
        guard isAllowed, selection.wants(collection), selection.since == nil || !Self.dated.contains(collection) else {
            return
        }
        if selection.coversAllPlaces, !selection.isRunsOwn, passedOver.isEmpty { return try call.complete(collection) }
        for scope in scopes(of: collection).subtracting(passedOver).sorted() {
            try call.complete(collection, scope: scope)
        }
    }

    /// Of these what is older than `since` is not shown, and not gone.
    private static let dated: Set<Collection> = [.tasks, .docs, .timeEntries]

    /// Of what is listed in whole.
    private func scopes(of collection: Collection) -> Set<String> {
        let listed = selection.only.isEmpty ? Set(structure.spaces.map(\.space.id)) : selection.only.spaces
        var scopes = listed.subtracting(selection.without.spaces)
        switch collection {
        case .spaces: scopes = selection.only.isEmpty && selection.without.spaces.isEmpty ? [Documents.noSpace] : []
        // Those that are left out are known one by one.
        case .docs: if selection.only.isEmpty { scopes.insert(Documents.noSpace) }
        default:
            scopes.subtract(spacesInPart)
            if selection.coversAllPlaces { scopes.insert(Documents.noSpace) }
        }
        return scopes
    }

    /// Spaces of which a folder or list is left out: a space is the least of which can be said that it is
    /// listed in whole.
    private var spacesInPart: Set<String> {
        let folders = structure.folders.filter { selection.without.folders.contains($0.id) }.map(\.space.id)
        let lists = structure.lists.filter { selection.without.lists.contains($0.id) }.map(\.space.id)
        return Set(folders + lists)
    }
}
