/// Who the token belongs to, and the workspaces it opens.
enum UserRoutes: RouteSet {
    static func add(to table: RouteTable) {
        table.get("api/v2/user") { _ in ["user": user(Workspace.members[0], isSelf: true)] }
        table.get("api/v2/team") { call in ["teams": [team(call.workspace)]] }
    }

    private static func team(_ workspace: Workspace) -> JSON {
        [
            "id": .string(String(workspace.id)), "name": .string(Workspace.name), "color": "#536cfe", "avatar": .null,
            "members": .array(Workspace.members.map { ["user": user($0, isSelf: false)] }),
        ]
    }

    private static func user(_ member: Member, isSelf: Bool) -> JSON {
        .fields([
            ("id", .int(member.id)), ("username", .string(member.name)),
            ("email", .string("\(member.initials.lowercased())@northwind.example")),
            ("color", .string(member.color)), ("profilePicture", .null), ("initials", .string(member.initials)),
            ("week_start_day", isSelf ? .int(1) : nil), ("global_font_support", isSelf ? .bool(false) : nil),
            ("timezone", isSelf ? .string("Europe/Zurich") : nil),
        ])
    }
}
