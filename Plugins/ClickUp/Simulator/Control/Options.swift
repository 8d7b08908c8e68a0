/// What can be switched while the simulator runs.
struct Options: Sendable {
    var latency: Span
    /// Requests per window.
    var rateLimit: Int
    var window = Span(milliseconds: 60_000)
    /// The parameter `cursor` is ignored; `next_cursor` works.
    var cursorBug = false
    /// Both are ignored: the first page for ever.
    var cursorLoop = false
    /// Docs come without `date_updated`.
    var docsWithoutDates = false
    /// Listings of tasks do not say whether theirs is the last page.
    var withoutLastPage = false
    /// Without `reverse` tasks come oldest first.
    var oldestFirst = false
    /// The workspace's listing of tasks does not know `archived`.
    var teamIgnoresArchived = false
    /// How often webhooks' events are delivered again.
    var webhookRepeats = 0

    mutating func apply(_ change: OptionsChange) {
        latency = change.latency ?? latency
        rateLimit = change.rateLimit ?? rateLimit
        window = change.window ?? window
        cursorBug = change.cursorBug ?? cursorBug
        cursorLoop = change.cursorLoop ?? cursorLoop
        docsWithoutDates = change.docsWithoutDates ?? docsWithoutDates
        withoutLastPage = change.withoutLastPage ?? withoutLastPage
        oldestFirst = change.oldestFirst ?? oldestFirst
        teamIgnoresArchived = change.teamIgnoresArchived ?? teamIgnoresArchived
        webhookRepeats = max(0, change.webhookRepeats ?? webhookRepeats)
    }

    var json: JSON {
        [
            "latency": .string("\(latency.milliseconds)ms"), "rateLimit": .int(rateLimit),
            "window": .string("\(window.milliseconds)ms"), "cursorBug": .bool(cursorBug),
            "cursorLoop": .bool(cursorLoop), "docsWithoutDates": .bool(docsWithoutDates),
            "withoutLastPage": .bool(withoutLastPage), "oldestFirst": .bool(oldestFirst),
            "teamIgnoresArchived": .bool(teamIgnoresArchived), "webhookRepeats": .int(webhookRepeats),
        ]
    }
}

/// Body of `POST /_simulator/options`; what is missing stays as it is.
struct OptionsChange: Decodable, Sendable {
    var latency: Span?
    var rateLimit: Int?
    var window: Span?
    var cursorBug: Bool?
    var cursorLoop: Bool?
    var docsWithoutDates: Bool?
    var withoutLastPage: Bool?
    var oldestFirst: Bool?
    var teamIgnoresArchived: Bool?
    var webhookRepeats: Int?
}
