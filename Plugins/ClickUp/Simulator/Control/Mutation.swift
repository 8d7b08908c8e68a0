/// Body of `POST /_simulator/mutate`: so many changes at random, the same ones for the same seed.
struct Mutation: Decodable, Sendable {
    var seed: Int
    var count: Int?

    /// Says what it did, a line each.
    func run(on simulator: Simulator) throws -> JSON {
        var dice = Dice(seed, 4711)
        var lines: [JSON] = []
        for number in 0..<(count ?? 10) {
            let line =
                switch dice.below(10) {
                case 0..<5: simulator.editProjects { $0.changeTask(&dice, number, now: $1) }
                case 5, 6: simulator.editProjects { projects, _ in projects.changePlace(&dice, number) }
                default: try simulator.changeDoc(&dice, number)
                }
            lines.append(.string(line))
        }
        return ["changes": .array(lines)]
    }
}

extension Projects {
    fileprivate mutating func changeTask(_ dice: inout Dice, _ number: Int, now: Int) -> String {
        let there = tasks.tasks.filter(isThere)
        let lists = places.lists.filter { places.list($0.id) != nil }
        guard !there.isEmpty, !lists.isEmpty else { return "nothing: there are no tasks" }
        let task = dice.pick(there)
        var change = TaskChange()
        var what = "edit"
        switch dice.below(10) {
        case 0:
            let new = add(TaskChange(name: "Added \(number)", markdown: "New.", list: dice.pick(lists).id), now: now)
            return "add task \(new?.id ?? "-")"
        case 1:
            let new = add(TaskChange(name: "Subtask \(number)", parent: task.id), now: now)
            return "add task \(new?.id ?? "-") below \(task.id)"
        case 2 where task.parent == nil && !there.contains { $0.parent == task.index }:
            (what, change.list) = ("move", dice.pick(lists).id)
        case 3: (what, change.delete) = ("delete", true)
        case 4: (what, change.archived) = ("archive or restore", !task.isArchived)
        case 5: (what, change.name) = ("rename", "\(task.name) \(number)")
        case 6: (what, change.comment) = ("comment on", "Comment \(number)")
        case 7: (what, change.reply) = ("reply on", "Reply \(number)")
        case 8: (what, change.attachment) = ("attach to", "File \(number).pdf")
        default: (change.markdown, change.status) = ("Edited \(number).", dice.below(4))
        }
        self.change(task, change, now: now)
        return "\(what) task \(task.id)"
    }

    /// Deletions are rare here: with a space goes a third of everything.
    fileprivate mutating func changePlace(_ dice: inout Dice, _ number: Int) -> String {
        let lists = places.lists.filter { places.list($0.id) != nil }
        let folders = places.folders.filter { places.folder($0.id) != nil && !$0.isHidden }
        guard !lists.isEmpty, !folders.isEmpty else { return "nothing: there are no places" }
        let list = dice.pick(lists), folder = dice.pick(folders)
        switch dice.below(9) {
        case 0, 1: return rename(.lists, list.id, "\(list.name) \(number)")
        case 2: return rename(.folders, folder.id, "\(folder.name) \(number)")
        case 3:
            let space = dice.pick(places.liveSpaces)
            return rename(.spaces, space.id, "\(space.name) \(number)")
        case 4:
            _ = change(.lists, list.id, PlaceChange(archived: !list.isArchived))
            return "archive or restore list \(list.id)"
        case 5:
            _ = change(.folders, folder.id, PlaceChange(archived: !folder.isArchived))
            return "archive or restore folder \(folder.id)"
        case 6 where !places.folder(of: list).isHidden:
            _ = change(.lists, list.id, PlaceChange(parent: folder.id))
            return "move list \(list.id) to \(folder.id)"
        case 7 where lists.count > 8:
            _ = change(.lists, list.id, PlaceChange(delete: true))
            return "delete list \(list.id)"
        default:
            let new = Places.List(id: places.nextList, folder: folder.id, name: "New list \(number)")
            places.add(new)
            return "add list \(new.id)"
        }
    }

    private mutating func rename(_ kind: PlaceKind, _ id: Int, _ name: String) -> String {
        _ = change(kind, id, PlaceChange(name: name))
        return "rename \(kind.rawValue) \(id)"
    }
}

extension Simulator {
    fileprivate func changeDoc(_ dice: inout Dice, _ number: Int) throws -> String {
        let places = projects.places
        return try edit { library, now in
            let there = (0..<library.count).compactMap { library.doc(at: $0) }.filter { !$0.isDeleted }
            guard !there.isEmpty else { return "nothing: there are no docs" }
            let doc = dice.pick(there)
            let pages = library.pages(of: doc)
            var change = DocChange()
            var what = "edit"
            switch dice.below(8) {
            case 0:
                var new = DocChange()
                new.name = .some("Doc \(number)")
                new.content = "New."
                return "add doc \(library.add(new, now: now).id)"
            case 1: change.name = .some("\(doc.name ?? "") \(number)")
            case 2: (what, change.archived) = ("archive or restore", !doc.isArchived)
            case 3: (what, change.delete) = ("delete", true)
            case 4:
                let space = dice.pick(places.liveSpaces)
                (what, change.parent) = ("move", ParentChange(Doc.Parent(id: String(space.id), type: Doc.Parent.space)))
            case 5: change.pages = [NewPage(name: "Page \(number)", content: "Added.", pages: nil)]
            case 6 where pages.count > 1:
                var gone = PageChange(content: "")
                gone.delete = true
                library.change(pages[pages.count - 1], of: doc, gone, now: now)
                return "delete the last page of doc \(doc.id)"
            default: change.content = "Edited \(number)."
            }
            library.change(doc, change, now: now)
            return "\(what) doc \(doc.id)"
        }
    }
}
