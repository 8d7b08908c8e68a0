/// A task with what hangs on it. `index` is its place in the book, in the order of creation.
struct TaskItem: Sendable {
    let index: Int
    let id: String
    var name: String
    var markdown: String
    var list: Int
    /// Index of the task above it.
    var parent: Int?
    /// Place in `TaskWords.statuses`.
    var status: Int
    var isArchived = false
    var isDeleted = false
    let created: Int
    var updated: Int
    let creator: Int
    var assignees: [Int] = []
    var tags: [String] = []
    /// 1 urgent … 4 low.
    var priority: Int?
    var due: Int?
    var estimate: Int?
    /// Index of the task that this one waits for.
    var waitsFor: Int?
    var linked: Int?
    var checklist: [(name: String, isResolved: Bool)] = []
    /// Place of the chosen option of the field Stage.
    var stage: Int?
    /// Places of the labels of the field Areas.
    var areas: [Int] = []
    var effort: Int?
    var comments: [Comment] = []
    var attachments: [Attachment] = []

    var isClosed: Bool { TaskWords.statuses[status].type == "closed" }
}

/// A comment with its replies, the oldest first.
struct Comment: Sendable, Equatable {
    let id: Int
    var text: String
    let date: Int
    let author: Int
    var isResolved = false
    var replies: [Comment] = []
}

struct Attachment: Sendable {
    let id: String
    var title: String
    let date: Int
    let author: Int
}

enum TaskWords {
    static let statuses: [(name: String, type: String, color: String)] = [
        ("to do", "open", "#d3d3d3"), ("in progress", "custom", "#4194f6"), ("shipped", "done", "#008844"),
        ("complete", "closed", "#6bc950"),
    ]
    static let priorities: [(name: String, color: String)] = [
        ("urgent", "#f50000"), ("high", "#f8ae00"), ("normal", "#6fddff"), ("low", "#d8d8d8"),
    ]
    static let tags = ["customer", "quick win", "tech debt", "q3"]
    static let stages = ["Idea", "Proposed", "Agreed", "Building", "Measured"]
    static let areas = ["Billing", "Search", "Mobile", "Onboarding", "Reporting"]
    static let verbs = [
        "Write", "Review", "Fix", "Measure", "Plan", "Rehearse", "Translate", "Ship", "Describe", "Retire",
    ]
    static let things = [
        "the onboarding e-mails", "the export of invoices", "search for Łódź", "the release notes", "a rollback",
        "the pricing page", "monitoring of queues", "keyboard shortcuts", "the welcome tour 🚀", "the audit log",
    ]
    static let remarks = [
        "Looks good to me.", "Can we wait for the numbers from Zürich?", "Done in staging.", "I would split this.",
        "See the page on risks.", "Customers ask for it every week.", "¿Quién lo revisa?", "Moved to next week 🙈",
    ]
}
