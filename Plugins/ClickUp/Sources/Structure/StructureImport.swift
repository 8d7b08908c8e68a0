import PluginKit

/// Stores spaces, folders, lists and members.
struct StructureImport: Sendable {
    let call: ImportCall
    let selection: Selection
    let documents: Documents

    /// A workspace has one member at the least: where none is shown, they are not gone.
    var hasMembers: Bool { !documents.workspace.users.isEmpty }

    func storeMembers() throws {
        guard selection.wants(.members), !selection.isOfSingles else { return }
        for fields in documents.workspace.users {
            if let document = documents.member(fields) { try store(document) }
        }
    }

    func storeSpaces(_ structure: Structure) throws {
        guard selection.wants(.spaces), !selection.isOfSingles else { return }
        for place in structure.spaces where structure.needs(place, selection) { try store(documents.space(place)) }
    }

    func storeFolders(_ structure: Structure) throws {
        guard selection.wants(.folders) else { return }
        for folder in structure.folders where structure.needs(folder, selection) { try store(documents.folder(folder)) }
    }

    func storeLists(_ structure: Structure) throws {
        guard selection.wants(.lists) else { return }
        for list in structure.lists where selection.covers(list) {
            var document = documents.list(list)
            // Its tasks have to follow a new name or place, and this run leaves them to another.
            if selection.isRunsOwn, !selection.wants(.tasks), try !isKnown(list) { document.revision = nil }
            try store(document)
        }
    }

    /// Lists whose name or place is not what is stored: so are the paths of their tasks.
    func staleLists(_ structure: Structure) throws -> Set<String> {
        guard selection.wants(.lists), selection.wants(.tasks) else { return [] }
        var stale: Set<String> = []
        for list in structure.lists where selection.covers(list) {
            if try !isKnown(list) { stale.insert(list.id) }
        }
        return stale
    }

    private func isKnown(_ list: Structure.List) throws -> Bool {
        try call.known(collection: Collection.lists.rawValue, id: list.id, revision: list.revision)
    }

    /// Something that the host refuses is no reason to do without the rest.
    private func store(_ document: Document) throws { try call.storeOrReport(document) }
}

extension ImportCall {
    func complete(_ collection: Collection, scope: String? = nil) throws {
        try complete(collection: collection.rawValue, scope: scope)
    }

    func report(_ kind: ReportKind, _ collection: Collection, _ id: String? = nil, code: String, _ message: String) {
        report(kind, collection: collection.rawValue, id: id, code: code, message: message)
    }

    /// False: the host refused this one document, which is in the report.
    @discardableResult
    func storeOrReport(_ document: Document) throws -> Bool {
        do {
            try upsert(document)
            return true
        } catch let error as PluginError where error.isAboutOneDocument {
            report(
                .failed, collection: document.collection, id: document.id, code: error.code, message: error.message)
            return false
        }
    }
}
