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

    /// - Parameter unsettled: those whose tasks have still to be stored with this name and place.
    func storeLists(_ structure: Structure, unsettled: Set<String>) throws {
        guard selection.wants(.lists) else { return }
        for list in structure.lists where selection.covers(list) {
            try store(documents.list(list, isSettled: !unsettled.contains(list.id)))
        }
    }

    /// Now that all tasks are stored. A run of its own that left tasks of these lists out leaves this to another.
    func settle(_ unsettled: Set<String>, _ structure: Structure) throws {
        guard selection.wants(.tasks), !selection.isRunsOwn || selection.since == nil && selection.includesArchived
        else { return }
        for list in structure.lists where unsettled.contains(list.id) {
            try store(documents.list(list, isSettled: true))
        }
    }

    /// Lists that are not stored with this name and place, or whose tasks need not be.
    func unsettledLists(_ structure: Structure) throws -> Set<String> {
        guard selection.wants(.lists) else { return [] }
        return Set(
            try structure.lists.filter { try selection.covers($0) && !isKnown($0.id, $0.revision) }.map(\.id))
    }

    /// Those of `unsettled` that are not even stored with this name and place.
    func unstored(of unsettled: Set<String>, _ structure: Structure) throws -> Set<String> {
        Set(
            try structure.lists.filter { try unsettled.contains($0.id) && !isKnown($0.id, $0.unsettledRevision) }
                .map(\.id))
    }

    private func isKnown(_ list: String, _ revision: String) throws -> Bool {
        try call.known(collection: Collection.lists.rawValue, id: list, revision: revision)
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
