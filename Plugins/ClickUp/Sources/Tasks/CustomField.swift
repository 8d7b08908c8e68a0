import PluginKit

/// What a custom field holds, in words: ClickUp gives an option by its place or id, and the
/// options with every task.
enum CustomField {
    /// `{"id","name","type","value","text"?}` for each field that has a value. The definitions,
    /// which are the same in every task, are left out.
    static func resolved(_ fields: JSONValue?) -> JSONValue {
        .array((fields?.array ?? []).compactMap(resolve))
    }

    private static func resolve(_ field: JSONValue) -> JSONValue? {
        guard let value = field["value"], value != .null else { return nil }
        var members = ["id", "name", "type"].compactMap { name in field[name].map { JSONValue.Member(name, $0) } }
        members.append(.init("value", value))
        if let text = text(of: value, field) { members.append(.init("text", text)) }
        return .object(members)
    }

    private static func text(of value: JSONValue, _ field: JSONValue) -> JSONValue? {
        let options = field["type_config"]?["options"]?.array ?? []
        switch field["type"]?.string {
        case "drop_down":
            guard let place = value.text else { return nil }
            let option = options.first { $0["orderindex"]?.text == place } ?? options.first { $0["id"]?.text == place }
            return option?["name"]
        case "labels":
            return .array(
                (value.array ?? []).compactMap { id in
                    options.first { $0["id"]?.text == id.text }.flatMap { $0["label"] ?? $0["name"] }
                })
        case "users":
            return .array((value.array ?? []).compactMap { $0["username"]?.string.map(JSONValue.string) })
        case "tasks", "list_relationship":
            return .array((value.array ?? []).compactMap { $0["name"]?.string.map(JSONValue.string) })
        default: return nil
        }
    }
}
