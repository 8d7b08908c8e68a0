import ArgumentParser
import Config
import Core
import Foundation
import PluginCheck
import PluginHost

/// `integrationd plugin check FILE.so`
struct PluginCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Hold a plugin against the contract's rules.",
        discussion: """
            Each rule runs the plugin in processes of its own.  Ends with 0 if no rule fails, with 1 if one does, and \
            with 2 if there is nothing to check.  `--list` shows the rules.
            """)

    @Argument(help: "The plugin's file.") var file: String?
    @OptionGroup var settings: SettingsOption
    @Option(help: "Only this rule, by its number or name; may be repeated.") var only: [String] = []
    @Option(help: "For what is chosen at random; a failure shows the one to repeat it with.") var seed: UInt64 = 1
    @Option(help: "Seconds that one process of the plugin may take.") var limit = 20
    @Flag(
        help:
            "Hold what can be held against a call inside the daemon against calls inside this process; a crash ends it."
    )
    var inProcess = false
    @Flag(help: "One JSON object a line: a rule each, and the sum.") var json = false
    @Flag(help: "List the rules and check nothing.") var list = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit takes a number of seconds from 1 on") }
        guard seed <= Int64.max else { throw ValidationError("--seed takes a number up to \(Int64.max)") }
    }

    func run() throws {
        let rules = try chosenRules()
        if list {
            for rule in rules { try StandardOutput.write(Self.heading(rule) + "\n") }
            return
        }
        guard let file else {
            StandardError.write("error: name the file to check")
            throw ExitCode.configuration
        }
        let path = try PluginPath(file)
        let scratch = try TemporaryFolder.ofCommand()
        let subject = try subject(path, scratch)
        var check = Check(subject, rules: rules, isInProcess: inProcess)
        let inside = Set(rules.filter(check.isInside).map(\.number))
        let findings = try check.run { try StandardOutput.write(line($0, isInside: inside.contains($0.rule.number))) }
        try StandardOutput.write(sum(findings))
        if findings.contains(where: \.verdict.isFailure) { throw ExitCode.runFailed }
    }

    private func chosenRules() throws -> [Rule] {
        guard !only.isEmpty else { return RuleBook.rules }
        var seen: Set<Int> = []
        return try only.map { text in
            guard let rule = RuleBook.rule(text) else {
                let hint = NearestName.hint(for: text, among: RuleBook.rules.map(\.name)) ?? "--list shows them"
                StandardError.write("error: there is no rule \"\(text)\"; \(hint)")
                throw ExitCode.configuration
            }
            return rule
        }.filter { seen.insert($0.number).inserted }
    }

    private func subject(_ path: PluginPath, _ scratch: TemporaryFolder) throws -> Subject {
        let given = try settings.load()
        return try Subject(
            file: path.path, content: try path.content(),
            settings: .init(values: given.settings, fromVariables: given.fromVariables, folder: given.folder),
            seed: seed, limit: .seconds(limit),
            places: .init(
                worker: try Executable.beside("integrationd-worker"),
                probe: try Executable.beside("integrationd-probe"), scratch: scratch.path))
    }

    // MARK: Showing

    private static func heading(_ rule: Rule) -> String {
        let number = String(rule.number)
        let padding = String(repeating: " ", count: max(1, 22 - rule.name.count))
        return String(repeating: " ", count: 2 - number.count) + "\(number)  \(rule.name)\(padding)\(rule.statement)"
    }

    private func line(_ finding: Check.Finding, isInside: Bool) -> String {
        guard !json else { return Self.json(finding, isInside: isInside).text + "\n" }
        return switch finding.verdict {
        case .passed: "ok    \(Self.heading(finding.rule))\n"
        case .failed(let problem): "FAIL  \(Self.heading(finding.rule))\n          → \(problem.printable)\n"
        case .skipped where finding.blockedBy != nil: ""  // the sum counts them
        case .skipped(let reason): "skip  \(Self.heading(finding.rule))\n          – \(reason.printable)\n"
        }
    }

    private func sum(_ findings: [Check.Finding]) -> String {
        let failed = findings.count(where: \.verdict.isFailure)
        let passed = findings.count { if case .passed = $0.verdict { true } else { false } }
        let skipped = findings.count - failed - passed
        guard json else {
            let blocked = findings.count { $0.blockedBy != nil }
            let hint = blocked == 0 ? "" : "; \(blocked) of these could not be looked at before what failed is mended"
            return "\(passed) passed, \(failed) failed, \(skipped) skipped\(hint)\n"
        }
        let object: JSONValue = [
            "passed": .integer(Int64(passed)), "failed": .integer(Int64(failed)), "skipped": .integer(Int64(skipped)),
            "seed": .integer(Int64(clamping: seed)),
        ]
        return object.text + "\n"
    }

    private static func json(_ finding: Check.Finding, isInside: Bool) -> JSONValue {
        var object: JSONValue = [
            "rule": .integer(Int64(finding.rule.number)), "name": .string(finding.rule.name),
            "statement": .string(finding.rule.statement),
        ]
        if isInside { object["isInside"] = true }
        switch finding.verdict {
        case .passed: object["verdict"] = "passed"
        case .failed(let problem):
            object["verdict"] = "failed"
            object["problem"] = .string(problem)
        case .skipped(let reason):
            object["verdict"] = "skipped"
            object["reason"] = .string(reason)
        }
        return object
    }
}
