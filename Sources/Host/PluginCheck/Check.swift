/// Holds a plugin against the rules.
package struct Check {
    package struct Finding: Sendable {
        package let rule: Rule
        package let verdict: Verdict
        /// The rule that has to be kept before this one can be looked at.
        package let blockedBy: Rule?
    }

    private let subject: Subject
    private let rules: [Rule]
    private let isInProcess: Bool
    /// The rule that has found a step not to be in order.
    private var closed: [Rule.Step: Rule] = [:]

    /// - Parameter isInProcess: the rules that are about what comes of a call are held against calls inside this
    ///   process, as with `isolation: in-process`; a plugin that crashes ends it.
    package init(_ subject: Subject, rules: [Rule], isInProcess: Bool = false) {
        self.subject = subject
        self.isInProcess = isInProcess
        self.rules = rules
    }

    /// Judges rule by rule; `report` hears of each as soon as it is known.  Blocks, and needs a
    /// thread that stays.
    package mutating func run(_ report: (Finding) throws -> Void) rethrows -> [Finding] {
        var findings: [Finding] = []
        for rule in rules {
            let other = blocker(of: rule)
            let finding = Finding(
                rule: rule,
                verdict: other.map { .skipped("rule \($0.number), \($0.name), comes first") } ?? verdict(rule),
                blockedBy: other)
            if let step = rule.opens, finding.verdict.isFailure, closed[step] == nil { closed[step] = rule }
            findings.append(finding)
            try report(finding)
        }
        return findings
    }

    /// Whether a rule is held against calls inside this process.
    package func isInside(_ rule: Rule) -> Bool { isInProcess && rule.isAboutOutcome }

    private func blocker(of rule: Rule) -> Rule? {
        closed.filter { $0.key <= rule.needs }.min { $0.key < $1.key }?.value
    }

    private func verdict(_ rule: Rule) -> Verdict {
        subject.callsInside = isInside(rule)
        do throws(Verdict) {
            try rule.judge(subject)
            return .passed
        } catch {
            return error
        }
    }
}
