import Foundation

/// Plugins for tests, each compiled once for all tests.
actor FixturePlugins {
    /// The compiler's complaint.
    struct CompileError: Error, CustomStringConvertible {
        let description: String
    }

    private static let shared = FixturePlugins()

    /// Where the compiled plugins are; for `plugins.directories`.
    static let directory: URL = {
        let url = FileManager.default.temporaryDirectory.appending(path: "integrationd-fixtures-\(getpid())")
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        } catch {
            preconditionFailure("no folder for plugins: \(error)")
        }
        atexit { try? FileManager.default.removeItem(at: FixturePlugins.directory) }  // nobody is left to hear of it
        return url
    }()

    /// Beside the `swift` that runs the tests; a path that is not there where it is not installed.
    static let swiftCompiler: String = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/swiftc" }.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "/swiftc"
    }()

    private var plugins: [String: Task<URL, any Error>] = [:]

    /// The shared object of a fixture, by its name without suffix: `hello` is `hello.c`, `hello.cpp` or `hello.swift`.
    @discardableResult
    static func compile(_ name: String) async throws -> URL {
        try await shared.plugin(name) {
            for folder in BuildProducts.fixtureFolders {
                for suffix in ["c", "cpp", "swift"] {
                    let source = folder.appending(path: "\(name).\(suffix)")
                    if FileManager.default.fileExists(atPath: source.path) { return source }
                }
            }
            throw CompileError(description: "there is no fixture called \(name)")
        }
    }

    private func plugin(_ name: String, source: @escaping @Sendable () throws -> URL) async throws -> URL {
        let task = plugins[name] ?? Task { try await Self.compile(source(), to: Self.directory, name: name) }
        plugins[name] = task
        return try await task.value
    }

    /// Any source file to `<name>.so` in any folder, against the contract's header alone.
    @discardableResult
    static func compile(_ source: URL, to folder: URL, name: String) async throws -> URL {
        let library = folder.appending(path: "\(name).so")
        let headers = ["-I", BuildProducts.pluginHeaders.path, "-I", BuildProducts.fixtureFolders[0].path]
        let (program, flags) =
            switch source.pathExtension {
            case "swift": (swiftCompiler, ["-emit-library", "-module-name", "Fixture"])
            case "cpp": ("/usr/bin/c++", ["-std=c++17", "-shared", "-fPIC", "-pthread"] + headers)
            default: ("/usr/bin/cc", ["-std=c11", "-shared", "-fPIC", "-pthread"] + headers)
            }
        let compiler = try ChildProcess(program, flags + ["-o", library.path, source.path])
        guard try await compiler.exitStatus(within: .seconds(120)) == .exited(0) else {
            throw CompileError(description: compiler.errors.text)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: library.path)
        return library
    }
}
