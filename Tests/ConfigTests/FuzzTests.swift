import Testing

@testable import Config

/// As Fuzzing/Sources/fuzz-yaml, which runs for as long as one likes.
@Suite struct FuzzTests {
    @Test func `no file brings the reader down, and what is wrong with it has a place`() throws {
        for bytes in try Mutations(of: "yaml", count: 3_000) {
            do throws(ConfigurationErrors) {
                _ = try Configuration.parse(
                    bytes, file: "f", folder: "/nowhere", environment: ["TOKEN": "t0ken"], executableFolder: "/nowhere")
            } catch {
                #expect(error.description.hasPrefix("f:"))
            }
            _ = try? SettingsFile.parse(bytes, file: "f", folder: "/nowhere", environment: [:])  // only that it ends
        }
    }
}
