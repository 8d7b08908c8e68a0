import Config
import Testing

@Suite struct ConfigurationChangeTests {
    private static let before = """
        runs: { max_concurrent: 2 }
        integrations:
          stays: { plugin: a.so, settings: { deep: [1, { x: y }] } }
          changes: { plugin: b.so, settings: { token: one } }
          goes: { plugin: c.so }
        """

    private func change(to after: String) throws -> ConfigurationChange {
        ConfigurationChange(from: try configuration(Self.before), to: try configuration(after))
    }

    @Test func `the same file changes nothing, however it is written`() throws {
        let change = try change(
            to: """
                # A comment.
                integrations:
                  goes: { plugin: "c.so" }
                  stays: { settings: { deep: [1, { x: "y" }] }, plugin: a.so }
                  changes: { plugin: b.so, settings: { token: one } }
                runs: { max_concurrent: 2, keep: 30d }
                """)
        #expect(change.applied.isEmpty && change.sections.isEmpty && change.fixedSections.isEmpty)
        #expect(change.unchanged == ["goes", "stays", "changes"])
    }

    @Test func `what is new, different or gone is told apart`() throws {
        let change = try change(
            to: """
                runs: { max_concurrent: 2 }
                integrations:
                  comes: { plugin: c.so }
                  changes: { plugin: b.so, settings: { token: two } }
                  stays: { plugin: a.so, settings: { deep: [1, { x: y }] } }
                """)
        #expect(change.added == ["comes"] && change.changed == ["changes"] && change.removed == ["goes"])
        #expect(change.unchanged == ["stays"])
        #expect(change.applied == ["comes", "changes", "goes"])
    }

    @Test func `parts beside the integrations are named, and those that take a restart are told apart`() throws {
        let change = try change(
            to: """
                server: { heartbeat: 1s }
                store: { sqlite: elsewhere.db }
                plugins: { directories: [plugins] }
                runs: { max_concurrent: 3 }
                auth: { tokens: [{ name: a, token: 0123456789abcdef0123456789abcdef, scopes: ["integrations:read"] }] }
                """)
        #expect(change.sections == ["auth", "plugins", "runs"])
        #expect(change.fixedSections == ["server", "store"])
    }

    @Test func `another default of isolation changes the integrations that have none of their own`() throws {
        let change = ConfigurationChange(
            from: try configuration("integrations: { a: { plugin: a.so }, b: { plugin: b.so, isolation: process } }"),
            to: try configuration(
                """
                plugins: { isolation: in-process }
                integrations: { a: { plugin: a.so }, b: { plugin: b.so, isolation: process } }
                """))
        #expect(change.changed == ["a"] && change.unchanged == ["b"])
    }
}
