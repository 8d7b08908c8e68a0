import Foundation
import Testing

/// `integrationd plugin new`, and the plugins in Examples, which were made by it.
@Suite(.realPrograms) struct PluginNewTests {
    /// A language, its usual build command, and what that makes.
    struct Language: Sendable, CustomTestStringConvertible {
        let name: String
        let tool: String
        let build: [String]
        /// With the plugin's name in place of `*`.
        let product: String
        var testDescription: String { name }

        func library(of plugin: String) -> String {
            let words = plugin.split(separator: "-")
            let name = name == "rust" ? words.joined(separator: "_") : words.map(\.localizedCapitalized).joined()
            return product.replacing("*", with: name)
        }
    }

    static let languages = [
        Language(name: "c", tool: "cc", build: ["make"], product: "lib*.so"),
        Language(name: "cpp", tool: "c++", build: ["make"], product: "lib*.so"),
        Language(name: "swift", tool: "swift", build: ["swift", "build"], product: ".build/debug/lib*.so"),
        Language(
            name: "rust", tool: "cargo", build: ["cargo", "build", "--release", "--offline"],
            product: "target/release/lib*.so"),
        Language(name: "go", tool: "go", build: ["make"], product: "lib*.so"),
        Language(name: "zig", tool: "zig", build: ["zig", "build"], product: "zig-out/lib/lib*.so"),
    ]

    /// Those whose toolchain is on this machine; C, C++ and Swift are on any that builds this package.
    private static let present = languages.filter { which($0.tool) != nil || ["c", "cpp", "swift"].contains($0.name) }

    private static func which(_ tool: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").map { "\($0)/\(tool)" }.first(where: FileManager.default.isExecutableFile)
    }

    private static func files(below folder: URL) throws -> [String: Data] {
        var files: [String: Data] = [:]
        let paths = FileManager.default.enumerator(atPath: folder.path)
        while let path = paths?.nextObject() as? String {
            let isBuilt = path.split(separator: "/").contains {
                [".build", "target", "zig-out", ".zig-cache"].contains($0)
            }
            let url = folder.appending(path: path)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            if !isBuilt, !path.hasSuffix(".so"), !path.hasSuffix("Cargo.lock") {
                files[path] = try Data(contentsOf: url)
            }
        }
        return files
    }

    @Test(arguments: present)
    func `what new makes builds with the usual command and passes the check unedited`(language: Language) async throws {
        let folder = try TemporaryFolder()
        let began = ContinuousClock.now
        let made = try await Command.run(["plugin", "new", "my-notes", "--language", language.name], in: folder)
        #expect(made.status == .exited(0), "\(made.errors)")
        #expect(made.output.contains(language.build[0]), "it says how to go on: \(made.output)")
        let plugin = folder.url.appending(path: "my-notes")
        let build = try ChildProcess("/usr/bin/env", language.build, folder: plugin.path)
        let built = try await Command.end(of: build, within: .seconds(240))
        #expect(built.status == .exited(0), "\(built.output)\(built.errors)")
        let check = try await Command.run(
            [
                "plugin", "check", "my-notes/\(language.library(of: "my-notes"))", "--settings",
                "my-notes/settings.yaml",
            ], in: folder,
            within: .seconds(120))
        #expect(check.status == .exited(0), "\(check.output)\(check.errors)")
        let run = try await Command.run(["plugin", "run", "my-notes/\(language.library(of: "my-notes"))"], in: folder)
        #expect(run.lines.count == 3 && run.status == .exited(0), "\(run.errors)")
        print("\(language.name): new, built and checked in \(began.duration(to: .now))")
    }

    @Test(arguments: present)
    func `each example builds as it lies there and passes the check`(language: Language) async throws {
        let folder = try TemporaryFolder()
        // With what its links lead to; built in a copy, since others may be building there.
        let copy = try ChildProcess(
            "/bin/cp",
            ["-rL", BuildProducts.checkout.appending(path: "Examples/hello-\(language.name)").path, "plugin"],
            folder: folder.url.path)
        #expect(try await Command.end(of: copy).status == .exited(0))
        let build = try ChildProcess("/usr/bin/env", language.build, folder: folder.path("plugin"))
        let built = try await Command.end(of: build, within: .seconds(240))
        #expect(built.status == .exited(0), "\(built.output)\(built.errors)")
        let check = try await Command.run(
            [
                "plugin", "check", "plugin/\(language.library(of: "hello-\(language.name)"))", "--settings",
                "plugin/settings.yaml",
            ],
            in: folder, within: .seconds(120))
        #expect(check.status == .exited(0), "\(check.output)\(check.errors)")
    }

    @Test(arguments: languages)
    func `each example is what new makes today`(language: Language) async throws {
        let folder = try TemporaryFolder()
        let name = "hello-\(language.name)"
        let made = try await Command.run(["plugin", "new", name, "--language", language.name], in: folder)
        #expect(made.status == .exited(0), "\(made.errors)")
        let example = BuildProducts.checkout.appending(path: "Examples/\(name)")
        let now = try Self.files(below: folder.url.appending(path: name))
        for (path, text) in now {
            // What it carries is a link there, to the one header and to PluginKit.
            let other = try? Data(contentsOf: example.appending(path: path))  // nil: not there
            #expect(other == text, "\(name)/\(path) differs: make examples")
        }
        #expect(Set(try Self.files(below: example).keys).isSubset(of: now.keys), "make examples")
    }

    @Test func `a skeleton in Swift carries all of PluginKit`() async throws {
        let folder = try TemporaryFolder()
        _ = try await Command.run(["plugin", "new", "a", "--language", "swift"], in: folder)
        let carried = try Self.files(below: folder.url.appending(path: "a/Sources/PluginKit"))
        let ours = try Self.files(below: BuildProducts.checkout.appending(path: "Sources/PluginKit"))
        #expect(carried == ours, "Sources/Host/Templates/templates.c lists its files")
    }

    @Test(arguments: [
        "", "-a", "A", "a b", "../a", "a/b", "1a", "a--b", "swift", "plugin-kit", String(repeating: "a", count: 64),
    ])
    func `names that cannot be one are refused`(name: String) async throws {
        let folder = try TemporaryFolder()
        let command = try await Command.run(["plugin", "new", "--language", "c", "--", name], in: folder)
        #expect(command.status == .exited(2), "\(command.output)\(command.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test(arguments: [("002", true), ("022", false), ("077", false)])
    func `new says so where what is built could be written by others`(mask: String, isTold: Bool) async throws {
        let folder = try TemporaryFolder()
        let shell = try ChildProcess(
            "/bin/sh",
            ["-c", "umask \(mask); \(BuildProducts.folder.path)/integrationd plugin new a --language c"],
            folder: folder.url.path)
        let end = try await Command.end(of: shell)
        #expect(end.status == .exited(0) && end.output.contains("umask 022") == isTold, "\(end.output)\(end.errors)")
    }

    @Test func `a folder that is there is left alone`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("mine", to: "notes")
        let command = try await Command.run(["plugin", "new", "notes", "--language", "c"], in: folder)
        #expect(command.status == .exited(2) && command.errors.contains("is there already"))
        #expect(try String(contentsOfFile: folder.path("notes"), encoding: .utf8) == "mine")
    }
}
