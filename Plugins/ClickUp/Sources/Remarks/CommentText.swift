import PluginKit

/// A comment's text as Markdown: ClickUp gives it as fragments with attributes, and as plain text.
enum CommentText {
    static func markdown(_ comment: JSONValue) -> String {
        let plain = comment["comment_text"]?.string
        guard let fragments = comment["comment"]?.array, fragments.contains(where: hasMarks) else {
            return plain ?? (comment["comment"]?.array ?? []).compactMap { $0["text"]?.string }.joined()
        }
        return fragments.map(marked).joined()
    }

    private static func hasMarks(_ fragment: JSONValue) -> Bool {
        fragment["attributes"]?.members?.isEmpty == false
    }

    /// Marks must touch the words that they are around: spaces at either end stay outside.
    private static func marked(_ fragment: JSONValue) -> String {
        let text = fragment["text"]?.string ?? ""
        guard let attributes = fragment["attributes"], hasMarks(fragment) else { return text }
        let start = text.prefix { $0.isWhitespace }
        let rest = text.dropFirst(start.count)
        let end = String(rest.reversed().prefix { $0.isWhitespace }.reversed())
        var words = String(rest.dropLast(end.count))
        guard !words.isEmpty else { return text }
        if attributes["code"]?.bool == true { words = "`\(words)`" }
        if attributes["bold"]?.bool == true { words = "**\(words)**" }
        if attributes["italic"]?.bool == true { words = "*\(words)*" }
        if attributes["strike"]?.bool == true { words = "~~\(words)~~" }
        if let link = attributes["link"]?.string { words = "[\(words)](\(link))" }
        return start + words + end
    }
}
