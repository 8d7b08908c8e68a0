import PluginKit

/// Lists the spaces, folders and lists of a workspace.
struct StructureReader: Sendable {
    let client: ClickUpClient
    let workspaceID: String
    let selection: Selection

    /// The spaces, those that are archived too where they are asked for.
    func spaces() async throws -> Structure {
        let path = "/api/v2/team/\(ClickUpClient.escape(workspaceID))/space"
        var structure = Structure()
        let answers = try await both { try await client.get(path, [("archived", "\($0)")]) }
        for answer in answers {
            // Without them every path is wrong: the import goes no further.
            _ = try answer.list("spaces")
            structure.add(spaces: answer)
        }
        return structure
    }

    /// What is in use and, where asked for, what is archived: `archived=true` lists that alone.
    private func both(_ fetch: @Sendable (_ archived: Bool) async throws -> JSONValue) async throws
        -> [JSONValue]
    {
        guard selection.includesArchived else { return [try await fetch(false)] }
        async let current = fetch(false)
        async let archived = fetch(true)
        return try await [current, archived]
    }

    /// A listing that could not be had.
    struct Gap: Sendable {
        /// Folders or lists.
        var of: Collection
        /// Where they lie, for a sentence.
        var place: String
        var error: UpstreamError
    }

    private enum Part: Sendable {
        case folders(Structure.SpacePlace, archived: Bool)
        case folderless(Structure.SpacePlace, archived: Bool)
        /// An archived list in a folder is in no other listing.
        case archivedLists(Structure.Folder)
    }

    /// Adds folders and lists: for each space one request for either, for each folder one for its
    /// archived lists; the transport bounds how many are in flight.
    ///
    /// - Parameter gap: told which listing of which place could not be had.
    func complete(_ structure: inout Structure, gap: (Gap) -> Void) async throws {
        let choice = selection
        let places = structure.spaces.filter { place in
            choice.only.folders.isEmpty && choice.only.lists.isEmpty && !choice.only.spaces.isEmpty
                ? choice.only.spaces.contains(place.space.id) : true
        }
        try await withThrowingTaskGroup(of: (Part, Result<JSONValue, UpstreamError>).self) { group in
            for place in places {
                for archived in choice.includesArchived ? [false, true] : [false] {
                    add(.folders(place, archived: archived), &group)
                    add(.folderless(place, archived: archived), &group)
                }
            }
            for try await (part, answer) in group {
                let before = structure.folders.count
                take(part, answer, into: &structure, gap)
                guard choice.includesArchived, listsMatter else { continue }
                for folder in structure.folders[before...] { add(.archivedLists(folder), &group) }
            }
        }
    }

    /// For docs alone a list that is missing is asked for when a doc lies in it.
    private var listsMatter: Bool {
        let users: [Collection] = [.lists, .tasks, .views]
        return users.contains(where: selection.wants)
    }

    private func add(
        _ part: Part, _ group: inout ThrowingTaskGroup<(Part, Result<JSONValue, UpstreamError>), any Error>
    ) {
        let (place, kind, archived) =
            switch part {
            case .folders(let place, let archived):
                ("space/\(ClickUpClient.escape(place.space.id))", "folder", archived)
            case .folderless(let place, let archived):
                ("space/\(ClickUpClient.escape(place.space.id))", "list", archived)
            case .archivedLists(let folder): ("folder/\(ClickUpClient.escape(folder.id))", "list", true)
            }
        group.addTask { [client] in
            do {
                let answer = try await client.get("/api/v2/\(place)/\(kind)", [("archived", "\(archived)")])
                _ = try answer.list("\(kind)s")
                return (part, .success(answer))
            } catch let error as UpstreamError where error.isAboutOneThing || error.kind == .invalidAnswer {
                return (part, .failure(error))
            }
        }
    }

    private func take(
        _ part: Part, _ answer: Result<JSONValue, UpstreamError>, into structure: inout Structure,
        _ gap: (Gap) -> Void
    ) {
        switch (part, answer) {
        case (.folders(let place, let archived), .success(let answer)):
            structure.add(folders: answer, in: place, archived: archived)
        case (.folderless(let place, let archived), .success(let answer)):
            structure.add(folderless: answer, in: place, archived: archived)
        case (.archivedLists(let folder), .success(let answer)):
            structure.add(lists: answer, in: folder, archived: true)
        case (.folders(let place, _), .failure(let error)):
            structure.hasGaps = true
            gap(Gap(of: .folders, place: Collection.spaces.name(of: place.space.id, place.space.name), error: error))
        case (.folderless(let place, _), .failure(let error)):
            structure.hasGaps = true
            gap(Gap(of: .lists, place: Collection.spaces.name(of: place.space.id, place.space.name), error: error))
        case (.archivedLists(let folder), .failure(let error)):
            structure.hasGaps = true
            gap(Gap(of: .lists, place: Collection.folders.name(of: folder.id, folder.name), error: error))
        }
    }
}
