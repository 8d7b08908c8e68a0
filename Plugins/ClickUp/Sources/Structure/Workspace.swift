import PluginKit

/// The workspace that is imported (v2 of the API calls it a team).
struct Workspace: Sendable {
    var id: String
    var name: String
    /// User ids to names, for authors.
    var members: [String: String] = [:]
    /// The members as ClickUp shows them.
    var users: [JSONValue] = []

    /// Finds `id` among the workspaces that the token can see.
    init(_ id: String, in answer: JSONValue) throws {
        let teams = answer["teams"]?.array ?? []
        guard let team = teams.first(where: { $0["id"]?.text == id }) else {
            throw Self.missing(id, teams)
        }
        self.id = id
        name = team["name"]?.string ?? ""
        for member in team["members"]?.array ?? [] {
            if let user = member["user"] { users.append(user) }
            guard let user = member["user"], let id = user["id"]?.text,
                let name = user["username"]?.string, !name.isEmpty
            else { continue }
            members[id] = name
        }
    }

    init(id: String, name: String, members: [String: String] = [:]) {
        self.id = id
        self.name = name
        self.members = members
    }

    private static func missing(_ id: String, _ teams: [JSONValue]) -> PluginError {
        let shown = teams.prefix(20).compactMap { team in
            team["id"]?.text.map {
                "\($0) (\(Excerpt.line(team["name"]?.string ?? "", limit: 60)))"
            }
        }
        let others = teams.count > shown.count ? ", and \(teams.count - shown.count) more" : ""
        let available =
            shown.isEmpty
            ? "It can see none." : "It can see \(shown.joined(separator: ", "))\(others)."
        return PluginError(
            .invalidSettings, code: "upstream-not-found",
            message: "Workspace \(id) is not visible to the API token. \(available)")
    }
}
