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

    private var plugins: [String: Task<URL, any Error>] = [:]

    /// The shared object of a fixture, by its name without suffix: `hello` is `hello.c` or `hello.cpp`.
    @discardableResult
    static func compile(_ name: String) async throws -> URL {
        try await shared.plugin(name) {
            for folder in BuildProducts.fixtureFolders {
                for suffix in ["c", "cpp"] {
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
        let isCPlusPlus = source.pathExtension == "cpp"
        let library = folder.appending(path: "\(name).so")
        let compiler = try ChildProcess(
            isCPlusPlus ? "/usr/bin/c++" : "/usr/bin/cc",
            [
                isCPlusPlus ? "-std=c++17" : "-std=c11", "-shared", "-fPIC", "-pthread",
                "-I", BuildProducts.pluginHeaders.path, "-I", BuildProducts.fixtureFolders[0].path,
                "-o", library.path, source.path,
            ])
        guard try await compiler.exitStatus(within: .seconds(120)) == .exited(0) else {
            throw CompileError(description: compiler.errors.text)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: library.path)
        return library
    }
}
