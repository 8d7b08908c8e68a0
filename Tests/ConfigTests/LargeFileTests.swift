import Config
import Testing

@Suite struct LargeFileTests {
    /// Work that grows with the square of the file would take far longer than a minute.
    @Test(
        "large files are judged in no time", .timeLimit(.minutes(10)), arguments: LargeFile.all)
    func large(_ file: LargeFile) {
        #expect(file.yaml.utf8.count <= Configuration.maximumFileSize)
        #expect(throws: ConfigurationErrors.self) { try configuration(file.yaml) }
    }
}

/// Some 200 KiB of one mistake.
struct LargeFile: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var yaml: String

    static let all = [
        LargeFile("unknown keys", "", numbered("x", "a\n"), ""),
        LargeFile("unknown keys in one line", "{ ", numbered("x", "a, "), "}"),
        LargeFile("settings", "", inSettings("[" + many("$x, ", 40_000) + "]"), ""),
        LargeFile("secrets", "", inSettings("{ token: [" + many("$x, ", 40_000) + "] }"), ""),
        LargeFile(
            "substitutions that do not end", "", inSettings("\"" + many("${", 100_000) + "\""), ""),
        LargeFile("dollars", "", inSettings("\"" + many("$", 200_001) + "\""), ""),
        LargeFile("braces", "", many("{", 200_000), ""),
        LargeFile("lists in lists", "", many("- ", 100_000), ""),
        LargeFile("keys that are mappings", "", many("? ", 100_000), ""),
        LargeFile("an open quote below a secret", "password: \"", many("x\n", 100_000), ""),
    ]

    private init(_ name: String, _ start: String, _ middle: String, _ end: String) {
        testDescription = name
        yaml = start + middle + end
    }

    private static func many(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    private static func numbered(_ name: String, _ value: String) -> String {
        (0..<10_000).map { "\(name)\($0): \(value)" }.joined()
    }

    private static func inSettings(_ value: String) -> String {
        "integrations: { a: { plugin: a.so, settings: { x: \(value) } } }"
    }
}
