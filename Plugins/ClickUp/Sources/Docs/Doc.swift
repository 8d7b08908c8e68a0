import PluginKit

/// A doc as the listing shows it: all but its pages.
struct Doc: QueueEntry {
    var id: String
    var fields: JSONValue

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.text, !id.isEmpty else { return nil }
        self.id = id
        fields = value
    }

    /// "" where it has none.
    var name: String { fields["name"]?.string ?? "" }
    var isDeleted: Bool { fields["deleted"]?.bool ?? false }
    /// nil where ClickUp gives no date.
    var updated: Int64? { fields["date_updated"]?.integer }
    var parent: DocParent? { DocParent(fields["parent"]) }

    /// What a person reads in a progress line.
    var displayName: String { name.isEmpty ? "Untitled" : Excerpt.line(name, limit: 200) }

    /// At the beginning of a sentence.
    var sentenceName: String { Collection.docs.name(of: id, name).capitalizedFirst }

    /// Changes with the doc's date and with everything else of it that is stored: a move or a
    /// new name of the space need not touch the date. nil where ClickUp gives no date.
    func revision(in space: Space?) -> String? {
        guard let date = fields["date_updated"]?.text, !date.isEmpty else { return nil }
        var hash = FNV1a()
        // The first is the version of the mapping below: a new one means all is fetched again.
        hash.add("1")
        for name in ["name", "type", "public", "archived"] {
            hash.add(fields[name].map { String(decoding: $0.utf8, as: UTF8.self) } ?? "")
        }
        for name in ["id", "type"] { hash.add(fields["parent"]?[name]?.text ?? "") }
        hash.add(space?.id ?? "")
        hash.add(space?.name ?? "")
        return "\(date).\(hash.text)"
    }

    init?(queued value: JSONValue) { self.init(value) }
    var queued: JSONValue { fields }
}
