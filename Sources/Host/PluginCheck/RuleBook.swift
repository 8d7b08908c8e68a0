/// All rules, in the order of their numbers.
package enum RuleBook {
    package static let rules: [Rule] =
        fileRules + descriptionRules + importRules + stoppingRules + hostRules
        + tidinessRules + entryRules

    /// The rule with this number or name.
    package static func rule(_ text: String) -> Rule? {
        rules.first { $0.name == text || String($0.number) == text }
    }
}
