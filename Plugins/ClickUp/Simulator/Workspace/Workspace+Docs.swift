/// Docs and pages of the generated part, each from its place alone.
extension Workspace {
    func generatedDoc(_ index: Int) -> Doc {
        var dice = Dice(seed, index, 1)
        let created = Self.epoch + index * 3_600_000 + dice.below(3_000_000)
        return Doc(
            index: index, id: ObjectIDs(workspace: id).doc(index), name: title(Words.docs, index),
            type: index == 9 ? 2 : 1, parent: placement(index), created: created,
            updated: created + dice.below(90 * 86_400) * 1000, creator: dice.pick(Self.members).id)
    }

    /// The first twelve docs have every kind of parent, in this order; the others are spread over the spaces. Where there
    /// are none, all hang in the workspace.
    private func placement(_ index: Int) -> Doc.Parent {
        func parent(_ id: Int, _ type: Int) -> Doc.Parent { Doc.Parent(id: String(id), type: type) }
        guard let space = tree.space(at: index) else { return firstPlace }
        let live = tree.folders(in: space, archived: false)
        switch index {
        case 0, 4, 5, 9: return parent(space.id, Doc.Parent.space)
        case 1: return parent(live[0].id, Doc.Parent.folder)
        case 2: return parent(live[1].lists[0].id, Doc.Parent.list)
        case 3: return parent(tree.folderlessLists(in: space, archived: false)[0].id, Doc.Parent.list)
        case 6: return parent(id, Doc.Parent.everything)
        case 7: return parent(id, Doc.Parent.workspace)
        case 8: return parent(Self.invisibleList, Doc.Parent.list)
        case 10: return parent(tree.folders(in: space, archived: true)[0].lists[0].id, Doc.Parent.list)
        case 11: return parent(tree.folderlessLists(in: space, archived: true)[0].id, Doc.Parent.list)
        default: return spread(index, space, live)
        }
    }

    /// The first space; where there are none, the workspace.
    var firstPlace: Doc.Parent {
        tree.space(at: 0).map { Doc.Parent(id: String($0.id), type: Doc.Parent.space) }
            ?? Doc.Parent(id: String(id), type: Doc.Parent.workspace)
    }

    /// A list that no route shows.
    static let invisibleList = 90_999_999

    private func spread(_ index: Int, _ space: Tree.Space, _ folders: [Tree.Folder]) -> Doc.Parent {
        var dice = Dice(seed, index, 2)
        let folder = dice.pick(folders)
        switch dice.below(4) {
        case 0, 1: return Doc.Parent(id: String(space.id), type: Doc.Parent.space)
        case 2: return Doc.Parent(id: String(folder.id), type: Doc.Parent.folder)
        default: return Doc.Parent(id: String(dice.pick(folder.lists).id), type: Doc.Parent.list)
        }
    }

    /// Doc 4 has a first page without a name, doc 5 a last page without content.
    static let untitledDoc = 4
    static let emptyPageDoc = 5

    func generatedPageCount(ofDoc index: Int) -> Int {
        var dice = Dice(seed, index, 4)
        let count = 1 + dice.below(2 * pagesPerDoc - 1)
        return index == Self.emptyPageDoc ? max(count, 2) : count
    }

    func generatedPages(of doc: Doc) -> [Page] {
        var dice = Dice(seed, doc.index, 5)
        let ids = ObjectIDs(workspace: id)
        let firstTitle = dice.below(Words.pages.count)
        var depths: [Int] = []
        return (0..<generatedPageCount(ofDoc: doc.index)).map { page in
            let parent = parentPage(page, depths, &dice)
            depths.append(parent.map { depths[$0] + 1 } ?? 0)
            let untitled = doc.index == Self.untitledDoc && page == 0
            return Page(
                index: page, id: ids.page(page, ofDoc: doc.index), parent: parent,
                name: untitled ? nil : page == 0 ? "Overview" : title(Words.pages, firstTitle + page),
                created: doc.created + page * 60_000, updated: doc.updated, creator: doc.creator)
        }
    }

    /// About half of the pages are roots, the others hang below one of the last few, at most four levels deep.
    private func parentPage(_ page: Int, _ depths: [Int], _ dice: inout Dice) -> Int? {
        guard page > 0, dice.below(2) == 0 else { return nil }
        let candidate = page - 1 - dice.below(min(page, 4))
        return depths[candidate] < 4 ? candidate : nil
    }

    func generatedContent(doc: Int, page: Page) -> String {
        if doc == Self.emptyPageDoc, page.index == generatedPageCount(ofDoc: doc) - 1 { return "" }
        return PageText(seed: seed, doc: doc, page: page.index, title: page.name ?? "Draft").markdown(bytes: pageBytes)
    }
}
