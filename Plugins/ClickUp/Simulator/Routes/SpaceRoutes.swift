/// Spaces. None is archived until the control API does that.
enum SpaceRoutes: RouteSet {
    static func add(to table: RouteTable) {
        table.get("api/v2/team/:team/space") { call in
            try call.checkWorkspace("team")
            let spaces = call.projects.places.liveSpaces.filter { $0.isArchived == call.flag("archived") }
            return ["spaces": .array(spaces.map { json($0, hasMembers: true) })]
        }
        table.get("api/v2/space/:space") { call in json(try space(call), hasMembers: false) }
    }

    static func space(_ call: Call) throws -> Places.Space {
        guard let space = Int(call.parameter("space")).flatMap({ call.projects.places.space($0) }) else {
            throw APIError.notFound
        }
        return space
    }

    private static func json(_ space: Places.Space, hasMembers: Bool) -> JSON {
        .fields([
            ("id", .string(String(space.id))), ("name", .string(space.name)), ("private", .bool(false)),
            ("color", .null), ("avatar", .null), ("admin_can_manage", .null), ("archived", .bool(space.isArchived)),
            ("members", hasMembers ? .array(Workspace.members.map(member)) : nil), ("statuses", statuses),
            ("multiple_assignees", .bool(true)), ("features", features),
        ])
    }

    private static func member(_ member: Member) -> JSON {
        [
            "user": [
                "id": .int(member.id), "username": .string(member.name), "color": .string(member.color),
                "profilePicture": .null, "initials": .string(member.initials),
            ]
        ]
    }

    static let statuses: JSON = [
        ["status": "to do", "type": "open", "orderindex": .int(0), "color": "#d3d3d3"],
        ["status": "in progress", "type": "custom", "orderindex": .int(1), "color": "#4194f6"],
        ["status": "complete", "type": "closed", "orderindex": .int(2), "color": "#6bc950"],
    ]

    private static let features: JSON = [
        "due_dates": [
            "enabled": .bool(true), "start_date": .bool(false), "remap_due_dates": .bool(false),
            "remap_closed_due_date": .bool(false),
        ],
        "time_tracking": ["enabled": .bool(false)], "tags": ["enabled": .bool(true)],
        "time_estimates": ["enabled": .bool(false)], "checklists": ["enabled": .bool(true)],
        "custom_fields": ["enabled": .bool(true)], "remap_dependencies": ["enabled": .bool(false)],
        "dependency_warning": ["enabled": .bool(false)], "portfolios": ["enabled": .bool(false)],
    ]
}
