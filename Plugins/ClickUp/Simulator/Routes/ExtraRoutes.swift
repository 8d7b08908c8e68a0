/// Tags, goals and entries of time: a few of each, always the same.
enum ExtraRoutes: RouteSet {
    static func add(to table: RouteTable) {
        table.get("api/v2/space/:space/tag") { call in
            _ = try SpaceRoutes.space(call)
            return [
                "tags": .array(
                    TaskWords.tags.map { ["name": .string($0), "tag_fg": "#ffffff", "tag_bg": "#7b68ee"] })
            ]
        }
        table.get("api/v2/team/:team/goal") { call in
            try call.checkWorkspace("team")
            let folder: JSON = [
                "id": "a91e0000-0000-4000-8000-000000000001", "name": "Company goals",
                "goals": [goal(2, "Answer within a day", call)],
            ]
            return ["goals": [goal(1, "Double the trials", call)], "folders": [folder]]
        }
        table.get("api/v2/team/:team/time_entries") { call in
            try call.checkWorkspace("team")
            return ["data": .array(entries(call))]
        }
    }

    private static func goal(_ number: Int, _ name: String, _ call: Call) -> JSON {
        [
            "id": .string("e53a0000-0000-4000-8000-00000000000\(number)"), "pretty_id": .string(String(number)),
            "name": .string(name), "team_id": .string(String(call.workspace.id)), "creator": .int(183), "owner": .null,
            "date_created": "1735689600000", "date_updated": "1735776000000", "due_date": .null,
            "description": "Measured at the end of the **quarter**.", "private": .bool(false), "archived": .bool(false),
            "percent_completed": .int(25),
        ]
    }

    /// One an assignee and week of January 2025; without dates the last thirty days, in which there are none.
    private static func entries(_ call: Call) -> [JSON] {
        guard let start = call.number("start_date"), let end = call.number("end_date") else { return [] }
        let asked = Set((call.query("assignee") ?? "183").split(separator: ",").compactMap { Int($0) })
        return (0..<4).flatMap { week in
            Workspace.members.filter { asked.contains($0.id) }.compactMap { member -> JSON? in
                let begin = Workspace.epoch + week * 7 * 86_400_000 + member.id
                guard begin >= start, begin <= end else { return nil }
                return [
                    "id": .string("19634\(week)\(member.id)"), "user": TaskJSON.user(member.id),
                    "billable": .bool(false),
                    "start": .string(String(begin)), "end": .string(String(begin + 3_600_000)), "duration": "3600000",
                    "description": .string("Week \(week + 1)"), "tags": [], "at": .string(String(begin + 3_600_000)),
                ]
            }
        }
    }
}
