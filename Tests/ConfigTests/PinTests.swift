import Foundation
import Testing

@testable import Config

@Suite struct PinTests {
    private static let hash = String(repeating: "0123456789abcdef", count: 4)
    private static let old = String(repeating: "f", count: 64)

    private func pinned(_ yaml: String, _ name: String = "one") throws -> String {
        let bytes = try parse(yaml).pinning(name, to: Self.hash)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(try parse(text).integrations.first { $0.name == name }?.sha256 == Self.hash)
        return text
    }

    private func parse(_ yaml: String) throws -> Configuration {
        try Configuration.parse(
            yaml.utf8, file: "integrations.yaml", folder: "/etc", environment: [:], executableFolder: "/usr/bin")
    }

    @Test(arguments: [
        // In a block: a line of its own, behind a comment too.
        (
            "# top\nintegrations:\n  one:\n    plugin: a.so  # ours\n    settings: {a: 1}\n  two: {plugin: b.so}\n",
            "# top\nintegrations:\n  one:\n    plugin: a.so  # ours\n    sha256: HASH\n    settings: {a: 1}\n  two: {plugin: b.so}\n"
        ),
        (
            "integrations:\n  one:\n    plugin: \"ä.so\"",
            "integrations:\n  one:\n    plugin: \"ä.so\"\n    sha256: HASH"
        ),
        // In braces.
        (
            "integrations: {one: {plugin: a.so, enabled: true}}\n",
            "integrations: {one: {plugin: a.so, sha256: HASH, enabled: true}}\n"
        ),
        // In the place of an older one.
        ("integrations:\n  one: {sha256: OLD, plugin: a.so}\n", "integrations:\n  one: {sha256: HASH, plugin: a.so}\n"),
        (
            "integrations:\n  one:\n    sha256: \"OLD\" # why\n    plugin: a.so\n",
            "integrations:\n  one:\n    sha256: HASH # why\n    plugin: a.so\n"
        ),
        // With other line breaks, and a byte order mark.
        (
            "\u{FEFF}integrations:\r\n  one:\r\n    plugin: a.so\r\n",
            "\u{FEFF}integrations:\r\n  one:\r\n    plugin: a.so\n    sha256: HASH\r\n"
        ),
    ])
    func `a pin is set and nothing else changes`(yaml: String, expected: String) throws {
        let yaml = yaml.replacing("OLD", with: Self.old)
        #expect(try pinned(yaml) == expected.replacing("HASH", with: Self.hash))
    }

    @Test func `an integration that is an alias is left to a person`() throws {
        let configuration = try parse("integrations:\n  one: &a {plugin: a.so}\n  two: *a\n")
        #expect(throws: Configuration.PinFailure.self) { try configuration.pinning("two", to: Self.hash) }
        #expect(throws: Configuration.PinFailure.self) { try configuration.pinning("three", to: Self.hash) }
        #expect(throws: Never.self) { try configuration.pinning("one", to: Self.hash) }
    }
}
