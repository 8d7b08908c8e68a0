import Core
import Glibc

/// What is around a worker: its environment, its folders, and the files that it may read.
extension PluginHost {
    func environment(of integration: Integration, temporary: TemporaryFolder) -> [String: String] {
        var environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": inheritedEnvironment["LANG"] ?? "C.UTF-8",
            "TMPDIR": temporary.path,
            // The default prints the memory of a process that crashed, secrets included.
            "SWIFT_BACKTRACE": "enable=no",
        ]
        environment["TZ"] = inheritedEnvironment["TZ"]
        for name in integration.environment { environment[name] = inheritedEnvironment[name] }
        return environment
    }

    /// What a confined worker may read beside the system's files and its settings' paths: libraries
    /// elsewhere, and files that variables name which the YAML lets through, such as `SSL_CERT_FILE`.
    /// No folders: `HOME` is not meant to open all that is there.
    func readablePaths(of integration: Integration, _ file: PluginFile) -> [String] {
        let named = integration.environment.compactMap { inheritedEnvironment[$0] }.filter { path in
            var status = stat()
            return path.hasPrefix("/") && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
        return file.libraries + shared.libraryFolders + named
    }

    func dataFolder(of call: PluginCall) throws(RunFailure) -> String {
        var folder = places.dataFolder
        for part in ["data", call.tenant.organization, call.tenant.project, call.integration] {
            // A tenant may be named "..", but no folder may; no tenant's name holds a "%".
            let isDots = part.allSatisfy { $0 == "." }
            folder += "/" + (isDots ? String(repeating: "%2E", count: part.count) : part)
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw RunFailure(
                    .internal, "The data folder \(folder) could not be made: \(String(cString: strerror(errno))).")
            }
        }
        return folder
    }
}
