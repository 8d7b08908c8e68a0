import PluginKit

/// Says what is gone: what a complete listing did not show.
struct Completion: Sendable {
    let call: ImportCall
    let selection: Selection
    /// Whether this run may say that of anything but the pages of a doc and the comments of a task.
    ///
    /// What is left out by a choice is not gone. So without a choice always; with one, only an import
    /// that goes on where another of the same choice stands, or that was asked to.
    let isAllowed: Bool
    /// All spaces that were listed.
    let spaces: [String]

    func callAsFunction(_ collection: Collection) throws {
        guard isAllowed, selection.wants(collection) else { return }
        guard call.isNarrowed || !selection.coversAllPlaces else { return try call.complete(collection) }
        for scope in scopes { try call.complete(collection, scope: scope) }
    }

    /// Of what is listed in whole.
    private var scopes: [String] {
        if selection.coversAllPlaces { return spaces + [Documents.noSpace] }
        if selection.only.isEmpty {
            // What is left out of a space hides whether the rest of it is complete.
            return selection.without.folders.isEmpty && selection.without.lists.isEmpty
                ? spaces.filter { !selection.without.spaces.contains($0) } : []
        }
        return selection.only.spaces.subtracting(selection.without.spaces).sorted()
    }
}
