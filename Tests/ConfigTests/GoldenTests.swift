import Config
import Foundation
import Testing

/// Files of cases, each a text and the errors it gives, byte for byte.
@Suite struct GoldenTests {
    @Test("a mistake is shown at its place with a hint", arguments: GoldenCase.all)
    func golden(_ golden: GoldenCase) {
        #expect(golden.outcome == golden.expected)
    }

    @Test func `there are golden cases`() {
        #expect(GoldenCase.all.count >= 80)
    }

    /// All golden secrets contain this text.
    @Test("no error shows a secret", arguments: GoldenCase.all)
    func noSecret(_ golden: GoldenCase) {
        #expect(!golden.outcome.contains("s3cr3t"))
    }
}

/// One case of a golden file:
///
///     === what it shows
///     --- environment      (may be left out)
///     NAME=value
///     --- yaml
///     the text
///     --- errors
///     what is printed
struct GoldenCase: Sendable, CustomTestStringConvertible {
    var name: String
    var environment: [String: String] = [:]
    var yaml = ""
    var expected = ""

    var testDescription: String { name }

    var outcome: String {
        do throws(ConfigurationErrors) {
            _ = try Configuration.parse(
                yaml.utf8, file: "integrations.yaml", folder: "/nowhere/etc",
                environment: environment, executableFolder: "/opt/integrationd/bin")
            return "no errors"
        } catch {
            return error.description
        }
    }

    static let all: [GoldenCase] = {
        let folder = Bundle.module.resourceURL?.appending(path: "Golden").path ?? ""
        // Without the folder there are no cases, and a test counts them.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().flatMap { name in
            let text = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
            return cases(in: String(decoding: text, as: UTF8.self))
        }
    }()

    private static func cases(in text: String) -> [GoldenCase] {
        var cases: [GoldenCase] = []
        var part = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("=== ") {
                cases.append(GoldenCase(name: String(line.dropFirst(4))))
                part = ""
            } else if line.hasPrefix("--- ") {
                part = String(line.dropFirst(4))
            } else if var current = cases.popLast() {
                current.append(line, to: part)
                cases.append(current)
            }
        }
        return cases.map { $0.trimmed() }
    }

    private mutating func append(_ line: Substring, to part: String) {
        switch part {
        case "environment":
            guard let equals = line.firstIndex(of: "=") else { return }
            environment[String(line[..<equals])] = String(line[line.index(after: equals)...])
        case "yaml": yaml += "\(line)\n"
        default: expected += "\(line)\n"
        }
    }

    /// Without the blank line before the next case.
    private func trimmed() -> GoldenCase {
        var copy = self
        while copy.expected.last == "\n" { copy.expected.removeLast() }
        return copy
    }
}
