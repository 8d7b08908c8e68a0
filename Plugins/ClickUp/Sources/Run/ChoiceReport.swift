import PluginKit

/// Says in the run's report what the settings left out and why, once: when the first phase of a run is through.
/// Docs and tasks that were seen and left out are said as they come.
struct ChoiceReport {
    let call: ImportCall
    let selection: Selection
    let structure: Structure
    /// Folders and lists were listed, without a gap.
    let hasAllPlaces: Bool

    /// Ids and names that one sentence holds.
    static let most = 10

    /// - Parameters:
    ///   - since: tasks were asked for by when they changed last; nil: all of them.
    ///   - isContinuation: an earlier run has listed a part of it.
    ///   - leftRemarks: tasks and lists whose comments an earlier run has left to this one.
    func say(since: Int64?, isContinuation: Bool, leftRemarks: Int) {
        guard !selection.isOfSingles else { return saySingles() }
        sayPlaces()
        sayUnknown()
        sayNotAsked()
        if isContinuation {
            note(
                "continued", nil,
                "This run went on where an earlier one was cut: what that one had done is counted as unchanged, or not at all."
            )
        }
        if leftRemarks > 0 {
            note(
                "continued", .comments,
                "An earlier run was cut before it had all comments and attachments: this one fetches those of the "
                    + "\(leftRemarks) tasks and lists that were left.")
        }
        if let since, selection.wants(.tasks) {
            note(
                "changes-only", .tasks,
                "Only tasks that changed since \(Timestamp(milliseconds: since)) were fetched: all others are as they "
                    + "were stored, and are not counted here.")
        }
    }

    private func saySingles() {
        for (collection, ids) in [(Collection.docs, selection.only.docs), (.tasks, selection.only.tasks)]
        where !ids.isEmpty && !selection.wants(collection) {
            note(
                "not-asked", collection,
                "\(collection.title.capitalizedFirst) were chosen, and not asked for: `collections` does not name them."
            )
        }
        note("chosen", nil, "Only the docs and tasks that were chosen one by one were asked for.")
    }

    private func note(_ code: String, _ collection: Collection?, _ message: String) {
        call.report(.note, collection: collection?.rawValue, id: nil, code: code, message: message)
    }

    // MARK: Seen

    private func sayPlaces() {
        if selection.wants(.spaces) {
            for place in structure.spaces where !structure.needs(place, selection) {
                leaveOut(.spaces, place.space.id, place.space.name, selection.leftOut(place))
            }
        }
        if selection.wants(.folders) {
            for folder in structure.folders where !structure.needs(folder, selection) {
                leaveOut(.folders, folder.id, folder.name, selection.leftOut(folder))
            }
        }
        guard selection.wants(.lists) else { return }
        for list in structure.lists { leaveOut(.lists, list.id, list.name, selection.leftOut(list)) }
    }

    private func leaveOut(_ collection: Collection, _ id: String, _ name: String, _ reason: LeftOut?) {
        if let reason { call.leaveOut(collection, id, named: name, reason) }
    }

    // MARK: Not there

    /// Otherwise an id that is mistyped would import nothing, and nobody would say so.
    private func sayUnknown() {
        let (only, without) = (selection.only, selection.without)
        func note(_ collection: Collection, _ chosen: Set<String>, _ excluded: Set<String>, among there: [String]) {
            call.noteUnknown(
                collection, chosen: chosen, excluded: excluded, among: there, isInUse: !selection.includesArchived)
        }
        note(.spaces, only.spaces, without.spaces, among: structure.spaces.map(\.space.id))
        guard hasAllPlaces else { return }
        note(.folders, only.folders, without.folders, among: structure.folders.map(\.id))
        note(.lists, only.lists, without.lists, among: structure.lists.map(\.id))
    }

    // MARK: Not asked for

    private func sayNotAsked() {
        let absent = Collection.allCases.filter { !selection.wants($0) }.map(\.title)
        if !absent.isEmpty {
            note(
                "not-asked", nil,
                "Not asked for, as `collections` does not name them: \(absent.joined(separator: ", ")).")
        }
        for (collection, reason) in selection.added.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            note("stored-too", collection, "\(collection.title.capitalizedFirst) are stored too: \(reason).")
        }
        if selection.only.hasPlaces {
            let chosen = [
                ("spaces", selection.only.spaces), ("folders", selection.only.folders), ("lists", selection.only.lists),
                ("docs", selection.only.docs), ("tasks", selection.only.tasks),
            ].filter { !$0.1.isEmpty }.map { "\($0.0) \(Self.list($0.1.sorted()))" }
            let nowhere = [Collection.members, .goals].filter(selection.wants).map(\.title)
            let others =
                nowhere.isEmpty
                ? "" : " \(nowhere.joined(separator: " and ").capitalizedFirst) lie nowhere, and came all the same."
            note("chosen", nil, "Only what lies in these was asked for: \(chosen.joined(separator: "; ")).\(others)")
        }
        if !selection.includesArchived {
            note("archived", nil, "What is archived was not asked for (include_archived is false).")
        }
        if let since = selection.since {
            note(
                "before-since", nil,
                "Only tasks and docs that changed since \(Timestamp(milliseconds: since)) were asked for (since): of "
                    + "those that are gone, only what lay in a place that is gone too is marked deleted.")
        }
    }

    /// - Parameter count: of all, where `names` are the first of them.
    static func list(_ names: [String], of count: Int? = nil) -> String {
        let others = (count ?? names.count) - most
        return names.prefix(most).joined(separator: ", ") + (others > 0 ? " and \(others) more" : "")
    }
}

extension ImportCall {
    /// ClickUp's own word; whether anything of it is stored, the host knows.
    func noteDeleted(_ collection: Collection, _ id: String) {
        report(
            .note, collection, id, code: "upstream-not-found",
            "ClickUp calls \(collection.noun) \(id) deleted: what may be stored of it is marked deleted.")
    }

    /// - Parameters:
    ///   - there: what ClickUp shows.
    ///   - isInUse: what is archived was not asked for.
    func noteUnknown(
        _ collection: Collection, chosen: Set<String>, excluded: Set<String>, among there: [String],
        isInUse: Bool = false
    ) {
        for (ids, effect) in [(chosen, "nothing of it was imported"), (excluded, "excluding it left nothing out")] {
            for id in ids.subtracting(there).sorted() {
                report(
                    .note, collection, id, code: "upstream-not-found",
                    "ClickUp shows no \(collection.noun) \(id) to the token\(isInUse ? " among what is in use" : ""): "
                        + "\(effect).")
            }
        }
    }
}
