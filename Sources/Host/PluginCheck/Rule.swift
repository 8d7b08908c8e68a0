/// One thing that a plugin has to get right.
package struct Rule: Sendable {
    /// Never given to another rule.
    package let number: Int
    package let name: String
    /// What is right, as a sentence about the plugin without its subject.
    package let statement: String
    /// What has to be in order before the rule makes sense.
    let needs: Step
    /// What is not in order if the rule fails.
    let opens: Step?
    /// Whether it is about what comes of a call, and so can be held against one inside the daemon.  The others look at
    /// the file, at what the daemon mends or hides, at the process, or need a host that is not the daemon.
    package let isAboutOutcome: Bool
    /// Returns if the plugin is right; throws otherwise.
    let judge: @Sendable (Subject) throws(Verdict) -> Void

    init(
        _ number: Int, _ name: String, _ statement: String, needs: Step, opens: Step? = nil,
        isAboutOutcome: Bool = false,
        _ judge: @escaping @Sendable (Subject) throws(Verdict) -> Void
    ) {
        self.number = number
        self.name = name
        self.statement = statement
        self.needs = needs
        self.opens = opens
        self.isAboutOutcome = isAboutOutcome
        self.judge = judge
    }

    /// How far a plugin has come; each step needs those before it.
    enum Step: Int, Comparable, Sendable {
        /// `repeating`: a second import can be held against the first.
        case file, loading, description, importing, repeating

        static func < (one: Step, other: Step) -> Bool { one.rawValue < other.rawValue }
    }
}

/// What a rule finds.
package enum Verdict: Error, Sendable {
    case passed
    /// Why it could not be looked at.
    case skipped(String)
    /// What is wrong.
    case failed(String)

    package var isFailure: Bool { if case .failed = self { true } else { false } }
}
