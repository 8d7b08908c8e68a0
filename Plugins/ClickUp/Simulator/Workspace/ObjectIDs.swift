/// Ids of docs and pages look like ClickUp's (`8cht190-831`): the workspace in base 36, then a number from which
/// the place of the object follows.
struct ObjectIDs: Sendable {
    private let prefix: String
    private static let firstDoc = 100
    private static let firstPage = 1_000_000
    /// More than a doc can have pages (10,000 on average means 19,999 at most).
    private static let pagesPerDoc = 100_000

    init(workspace: Int) {
        prefix = String(workspace, radix: 36) + "-"
    }

    func doc(_ index: Int) -> String {
        prefix + String(Self.firstDoc + index)
    }

    func page(_ page: Int, ofDoc doc: Int) -> String {
        prefix + String(Self.firstPage + doc * Self.pagesPerDoc + page)
    }

    func docIndex(_ id: String) -> Int? {
        number(id).map { $0 - Self.firstDoc }.flatMap { $0 >= 0 ? $0 : nil }
    }

    func pageIndex(_ id: String) -> (doc: Int, page: Int)? {
        guard let number = number(id), number >= Self.firstPage else { return nil }
        return ((number - Self.firstPage) / Self.pagesPerDoc, (number - Self.firstPage) % Self.pagesPerDoc)
    }

    private func number(_ id: String) -> Int? {
        guard id.hasPrefix(prefix) else { return nil }
        return Int(id.dropFirst(prefix.count)).flatMap { $0 >= 0 ? $0 : nil }
    }
}
