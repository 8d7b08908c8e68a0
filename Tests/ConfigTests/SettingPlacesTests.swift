import Core
import Testing

@testable import Config

@Suite struct SettingPlacesTests {
    private static let yaml = """
        integrations:
          bare: { plugin: a.so }
          clickup:
            plugin: libClickUp.so
            settings:
              workspace_id: 9001
              filters: [{ name: x }, { nam: y }]
              pin: hidden-value
              api_tokn: hidden-value
              flow: { pin: hidden-value, depth: 70 }
        """

    private func place(_ path: JSONPathElement..., of name: String = "clickup", atKey: Bool = false)
        throws -> String
    {
        let configuration = try configuration(Self.yaml)
        let location = configuration.location(ofSetting: path, of: name, atKey: atKey)
        return "\(location.line):\(location.column)"
    }

    @Test func `a setting is at its value`() throws {
        #expect(try place(.key("workspace_id")) == "6:21")
        #expect(try place(.key("filters"), .index(1), .key("nam")) == "7:37")
    }

    @Test func `a list or a mapping is at its key`() throws {
        #expect(try place(.key("filters")) == "7:7")
        #expect(try place() == "5:5")
    }

    @Test func `a key can be asked for`() throws {
        #expect(try place(.key("workspace_id"), atKey: true) == "6:7")
        #expect(try place(.key("filters"), .index(1), .key("nam"), atKey: true) == "7:32")
    }

    @Test func `what is absent is at the nearest that contains it`() throws {
        #expect(try place(.key("filters"), .index(0), .key("no")) == "7:17")
        #expect(try place(.key("filters"), .index(9)) == "7:7")
        #expect(try place(.key("workspace_id"), .key("no")) == "6:7")
        #expect(try place(.key("no")) == "5:5")
        #expect(try place(.key("no"), of: "bare") == "2:3")
    }

    @Test func `a later error looks like the others`() throws {
        let error = try configuration(Self.yaml).error(
            atSetting: [.key("workspace_id")], of: "clickup", message: "must be a string",
            hint: "put it in quotes")
        #expect(
            error.description == """
                integrations.yaml:6:21: error: must be a string
                      workspace_id: 9001
                                    ^
                hint: put it in quotes
                """)
    }

    @Test func `a later error hides what the schema calls a secret`() throws {
        let configuration = try configuration(Self.yaml)
        let error = configuration.error(
            atSetting: [.key("pin")], of: "clickup", message: "too short", secretSettings: ["pin"])
        #expect(error.sourceLine == "      pin: ***")
        #expect(error.caretOffset == 11)
    }

    @Test func `a later error hides an unknown setting and a mistyped secret`() throws {
        let configuration = try configuration(Self.yaml)
        let unknown = configuration.error(
            atSetting: [.key("flow")], of: "clickup", message: "unknown", atKey: true,
            showsValue: false)
        #expect(unknown.sourceLine == "      flow: { pin: ***, depth: *** }")
        let mistyped = configuration.error(
            atSetting: [.key("api_tokn")], of: "clickup", message: "?")
        #expect(mistyped.sourceLine == "      api_tokn: ***")
    }

    @Test func `a key of an integration can be at fault later`() throws {
        let configuration = try configuration(Self.yaml)
        let error = configuration.error(
            atKey: "plugin", of: "clickup", message: "no such file")
        #expect(error.description.hasPrefix("integrations.yaml:4:13: error: no such file\n"))
        let absent = configuration.error(atKey: "schedule", of: "bare", message: "?")
        #expect((absent.line, absent.column) == (2, 3))
    }
}
