import Foundation
import Testing

/// The commands of docs/plugin-authors.md, as they stand there.
@Suite(.realPrograms) struct PluginAuthorsTests {
    /// The shell blocks below a heading, up to the next.
    private static func commands(below heading: String) throws -> String {
        let page = BuildProducts.checkout.appending(path: "docs/plugin-authors.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n### \(heading)\n").dropFirst().first)
            .components(separatedBy: "\n##")[0]
        return section.components(separatedBy: "```sh\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
            .joined()
    }

    /// With the umask that many systems give a person, under which others can write what is built.
    @Test(arguments: ["In C", "In Swift"])
    func `a stranger who types what the page says has a running import`(heading: String) async throws {
        let folder = try TemporaryFolder()
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = BuildProducts.folder.path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        let script = try folder.write("umask 002\n" + Self.commands(below: heading), to: "commands.sh")
        let began = ContinuousClock.now
        let shell = try ChildProcess(
            "/bin/bash", ["-euo", "pipefail", script.path], environment: environment, folder: folder.url.path)
        let end = try await Command.end(of: shell, within: .seconds(280))
        #expect(end.status == .exited(0), "\(end.output)\(end.errors)")
        #expect(end.output.contains("\"content\":\"Hello\""), "plugin run shows documents")
        #expect(end.output.contains("5 imported"), "sync runs it: \(end.output.suffix(600))")
        print("\(heading): \(began.duration(to: .now))")
    }

    @Test func `the page about the check has each rule as the program lists it`() async throws {
        let page = BuildProducts.checkout.appending(path: "docs/plugin-check.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let list = try await Command.run(["plugin", "check", "--list"], in: TemporaryFolder())
        for line in list.lines {
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true).map(String.init)
            let row = "| \(words[0]) | `\(words[1])` | \(words[2].trimmingCharacters(in: .whitespaces)) |"
            #expect(text.contains(row), "\(row)")
        }
    }
}
