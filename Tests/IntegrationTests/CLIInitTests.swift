import Foundation
import Screen
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

    @Test func `the project's own file names its schema, and that is what the plugins say now`() async throws {
        let root = BuildProducts.checkout
        let yaml = try String(contentsOf: root.appending(path: "integrations.yaml"), encoding: .utf8)
        #expect(yaml.hasPrefix("# yaml-language-server: $schema=integrations.schema.json\n"))
        let folder = try TemporaryFolder()
        try folder.write(
            yaml.replacing(".build/release, .build/debug", with: BuildProducts.folder.path), to: "integrations.yaml")
        let now = try await Command.run(["schema", "--config", "integrations.yaml"], in: folder)
        let kept = try String(contentsOf: root.appending(path: "integrations.schema.json"), encoding: .utf8)
        #expect(now.status == .exited(0) && now.errors.isEmpty, "\(now.errors)")
        #expect(try JSON(kept) == JSON(now.output), "make schema")
    }

    @Test(arguments: [["/bin/bash", "--norc", "-i"], ["/usr/bin/zsh", "-f", "-i"], ["/usr/bin/fish", "-N", "-i"]])
    func `a shell completes commands, options and the names of integrations`(shell: [String]) async throws {
        let name = URL(filePath: shell[0]).lastPathComponent
        let folder = try TemporaryFolder()
        try folder.write(DaemonConfiguration(.fixture("hello"), .fixture("plain")).yaml, to: "integrations.yaml")
        try folder.write(try await Command.run(["completion", name], in: folder).output, to: "script")
        let terminal = try TerminalProcess(
            Array(shell.dropFirst()), of: shell[0], in: folder,
            environment: ["PATH": "\(BuildProducts.folder.path):/usr/bin:/bin", "HOME": folder.url.path])
        let before = name == "zsh" ? "autoload -U compinit; compinit -D; " : ""
        // The word is not to be found in what is typed.
        terminal.type("\(before)source ./script; printf 'lo%s\\n' aded\r")
        try await terminal.until("loaded")
        for (typed, completed) in [("wat", "watch"), ("sync --pat", "sync --patience"), ("sync pl", "sync plain")] {
            // Whatever stands there goes away.
            terminal.type("\u{15}integrationd \(typed)\t")
            try await terminal.until("integrationd \(completed)") { output in
                Screen(output).text.contains { $0.hasSuffix("integrationd \(completed)") }
            }
        }
    }

    @Test func `another shell has no script`() async throws {
        #expect(try await Command.run(["completion", "csh"], in: try TemporaryFolder()).status == .exited(2))
    }
}
