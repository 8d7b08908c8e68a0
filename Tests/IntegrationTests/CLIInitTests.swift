import Foundation
import Testing

@Suite("integrationd init, schema and completion", .realPrograms, .timeLimit(.minutes(30)))
struct CLIInitTests {
    @Test func `from nothing to documents: init, check, sync`() async throws {
        let folder = try TemporaryFolder()
        let plugin = BuildProducts.folder.appending(path: "libFolder.so").path
        let notes = try TemporaryFolder()
        try notes.write("# One\n\nText.\n", to: "one.md")
        let initial = try await Command.run(["init", plugin], in: folder)
        #expect(initial.status == .exited(0) && initial.output.isEmpty, "\(initial.errors)")
        #expect(initial.errors.contains("set FOLDER_PATH") && initial.errors.contains("integrationd sync folder"))
        let text = try String(contentsOf: folder.url.appending(path: "integrations.yaml"), encoding: .utf8)
        #expect(text.hasPrefix("# yaml-language-server: $schema=integrations.schema.json\n"), "\(text)")
        let schema = try JSON(
            String(contentsOf: folder.url.appending(path: "integrations.schema.json"), encoding: .utf8))
        let own = schema["properties"]?["integrations"]?["properties"]?["folder"]?["properties"]?["settings"]
        #expect(own?["properties"]?.keys.contains("path") == true)

        let unset = try await Command.run(["check"], in: folder)
        #expect(unset.status == .exited(2) && unset.errors.contains("FOLDER_PATH"))
        let variables = ["FOLDER_PATH": notes.url.path]
        let check = try await Command.run(["check"], in: folder, environment: variables)
        #expect(check.status == .exited(0), "\(check.errors)")
        let sync = try await Command.run(["sync", "folder"], in: folder, environment: variables)
        #expect(sync.lines.last == "complete: Import complete: 1 imported, 0 failed", "\(sync.output)\(sync.errors)")
    }

    @Test func `a file that is there is not written over, unless asked to`() async throws {
        let folder = try TemporaryFolder()
        let plugin = try await FixturePlugins.compile("hello").path
        try folder.write("mine", to: "integrations.yaml")
        let refused = try await Command.run(["init", plugin], in: folder)
        #expect(refused.status == .exited(2) && refused.errors.contains("--force"), "\(refused.errors)")
        let file = folder.url.appending(path: "integrations.yaml")
        #expect(try String(contentsOf: file, encoding: .utf8) == "mine")
        #expect(
            try await Command.run(["init", plugin, "--force", "--name", "greeter"], in: folder).status == .exited(0))
        #expect(try String(contentsOf: file, encoding: .utf8).contains("\n  greeter:\n"))
        #expect(try await Command.run(["sync", "greeter"], in: folder).status == .exited(0))
    }

    @Test func `what is no plugin, and no plugin at all, are said to be`() async throws {
        let folder = try TemporaryFolder()
        let file = try await FixturePlugins.compile("no_manifest").path
        let bad = try await Command.run(["init", file], in: folder)
        #expect(bad.status == .exited(2) && bad.errors.contains("integration_manifest"), "\(bad.errors)")
        let none = try await Command.run(["init"], in: folder)
        #expect(none.status == .exited(2) && none.errors.contains("libFolder.so"), "\(none.errors)")
        #expect(try await Command.run(["init", "nowhere.so"], in: folder).status == .exited(2))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func `the schema is JSON, and with a file it knows the settings of its plugins`() async throws {
        let folder = try TemporaryFolder()
        let plain = try await Command.run(["schema"], in: folder)
        #expect(try JSON(plain.output)["$schema"] == "http://json-schema.org/draft-07/schema#")
        try await FixturePlugins.compile("counts")
        try folder.write(DaemonConfiguration(.fixture("counts"), .fixture("nowhere")).yaml, to: "integrations.yaml")
        let own = try await Command.run(["schema", "--config", "integrations.yaml"], in: folder)
        #expect(own.status == .exited(0) && own.errors.hasPrefix("warning: nowhere: "))
        let integrations = try JSON(own.output)["properties"]?["integrations"]?["properties"]
        #expect(integrations?["counts"]?["properties"]?["settings"]?["properties"]?.keys.contains("delay_ms") == true)
    }

    @Test func `bash completes commands, options and the names of integrations`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(DaemonConfiguration(.fixture("hello"), .fixture("plain")).yaml, to: "integrations.yaml")
        try folder.write(try await Command.run(["completion", "bash"], in: folder).output, to: "completion.bash")
        let script = """
            source completion.bash
            complete_for() {
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
                "$(complete -p integrationd | sed 's/.*-F \\([^ ]*\\).*/\\1/')" integrationd "${@: -1}" "${@: -2:1}"
                echo "${COMPREPLY[@]}"
            }
            complete_for integrationd wat
            complete_for integrationd sync --pat
            complete_for integrationd sync ''
            """
        let shell = try ChildProcess(
            "/bin/bash", ["-c", script],
            environment: ["PATH": "\(BuildProducts.folder.path):/usr/bin:/bin"], folder: folder.url.path)
        let command = try await Command.end(of: shell)
        let lines = command.output.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.split(separator: " ").map(String.init)
        }
        #expect(lines.count >= 3, "\(command.output) \(command.errors)")
        #expect(lines[0] == ["watch"] && lines[1] == ["--patience"], "\(command.output) \(command.errors)")
        #expect(Set(lines[2]).isSuperset(of: ["hello", "plain"]), "\(command.output) \(command.errors)")
    }

    @Test(arguments: ["zsh", "fish"])
    func `there are scripts for other shells`(shell: String) async throws {
        let command = try await Command.run(["completion", shell], in: try TemporaryFolder())
        #expect(command.status == .exited(0) && command.output.contains("documents"))
        #expect(try await Command.run(["completion", "csh"], in: try TemporaryFolder()).status == .exited(2))
    }
}
