import Core
import Crypto
import Glibc
import Synchronization
import Worker

/// A plugin file that was checked and copied, ready to be loaded.
package struct PluginFile: Sendable, Equatable {
    /// The private copy: whatever happens to the original, this one is not changed under a
    /// process that has it mapped.
    package var path: String
    /// Hex, of the content.
    package var sha256: String
    /// Whether it was built with Swift.
    package var isSwift: Bool
    /// Paths of shared objects that it needs and that are not among the system's.
    package var libraries: [String]
    /// Keeps the copy there.
    private let copy: PluginCopies.Copy

    init(_ copy: PluginCopies.Copy, sha256: String, isSwift: Bool, libraries: [String]) {
        path = copy.path
        self.sha256 = sha256
        self.isSwift = isSwift
        self.copy = copy
        self.libraries = libraries
    }

    package static func == (left: PluginFile, right: PluginFile) -> Bool {
        left.path == right.path && left.sha256 == right.sha256
    }

    /// What identifies a plugin: hex, of its content.
    package static func sha256(of content: [UInt8]) -> String { SHA256.hash(data: content).hexadecimal }
}

/// Finds plugin files in the configured directories and keeps private copies of them.
final class PluginFiles: Sendable {
    private let directories: [String]
    private let copies: PluginCopies
    /// The newest content of each file, by path.
    private let known = Mutex<[String: (identity: Identity, file: PluginFile)]>([:])

    /// While this does not change, neither does the content.
    private struct Identity: Hashable {
        var device, inode: UInt64
        var size: Int64
        var modified, changed: Timespec

        struct Timespec: Hashable {
            var seconds, nanoseconds: Int
        }

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            modified = Timespec(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
            changed = Timespec(seconds: status.st_ctim.tv_sec, nanoseconds: status.st_ctim.tv_nsec)
        }
    }

    init(directories: [String], copies: PluginCopies) {
        self.directories = directories
        self.copies = copies
    }

    /// From a file name in the YAML to a file that may be loaded.
    func prepare(_ name: String, pin: String?) throws(RunFailure) -> PluginFile {
        guard !name.contains("/"), !name.hasPrefix("."), !name.isEmpty else {
            throw refused("The plugin \"\(name)\" is not a plain file name.")
        }
        let (path, status) = try find(name)
        try checkAccess(path, status, what: "The plugin \(name)")
        let identity = Identity(status)
        let file: PluginFile
        if let seen = known.withLock({ $0[path] }), seen.identity == identity, access(seen.file.path, R_OK) == 0 {
            file = seen.file
        } else {
            file = try copy(path, name: name)
            // What it replaces goes after the lock is free: the last one to hold a copy removes it.
            _ = known.withLock { $0.updateValue((identity, file), forKey: path) }
        }
        if let pin, pin != file.sha256 {
            throw refused(
                "The plugin \(name) has SHA-256 \(file.sha256), and `sha256:` pins \(pin).",
                hint: "Put the old file back, or the new hash into the YAML.")
        }
        return file
    }

    private func find(_ name: String) throws(RunFailure) -> (path: String, status: stat) {
        for directory in directories {
            let path = directory + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            guard status.st_mode & S_IFMT == S_IFREG else {
                let isLink = status.st_mode & S_IFMT == S_IFLNK
                throw refused(
                    "The plugin \(path) is \(isLink ? "a symbolic link and " : "")not a regular file.",
                    hint: isLink ? "Put the file itself there, or name its folder." : nil)
            }
            try checkDirectory(directory)
            return (path, status)
        }
        throw RunFailure(
            .pluginUnavailable,
            "The plugin \(name) was not found in \(directories.joined(separator: ", ")).",
            hint: "Put the file there, or name its folder in plugins.directories.")
    }

    private func checkDirectory(_ directory: String) throws(RunFailure) {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            throw RunFailure(.pluginUnavailable, "The plugin directory \(directory) cannot be read.")
        }
        try checkAccess(directory, status, what: "The plugin directory \(directory)")
    }

    /// Code that someone else can change is not run.
    private func checkAccess(_ path: String, _ status: stat, what: String) throws(RunFailure) {
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw refused(
                "\(what) belongs to user \(status.st_uid), and not to root or to the daemon's user.",
                hint: "chown it.")
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw refused("\(what) can be written by other users.", hint: "chmod go-w \(path)")
        }
    }

    // MARK: The private copy

    private func copy(_ path: String, name: String) throws(RunFailure) -> PluginFile {
        let content = try read(path, name: name)
        do throws(MalformedELF) {
            _ = try ELFFile(linkingOf: content)
        } catch {
            throw RunFailure(.pluginUnavailable, "The plugin \(name) cannot be loaded: \(error.reason).")
        }
        let sha256 = PluginFile.sha256(of: content)
        let copy = try copies.copy(of: content, sha256: sha256)
        return PluginFile(
            copy, sha256: sha256, isSwift: Self.isSwift(content), libraries: SharedLibraries.needed(by: content))
    }

    private func read(_ path: String, name: String) throws(RunFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw RunFailure(
                .pluginUnavailable, "The plugin \(path) cannot be read: \(Self.reason()).")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size < 1 << 30 else {
            throw RunFailure(.pluginUnavailable, "The plugin \(path) is larger than 1 GiB.")
        }
        var content = [UInt8](repeating: 0, count: Int(status.st_size))
        var size = 0
        while size < content.count {
            let count = content[size...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            size += count
        }
        content.removeLast(content.count - size)
        return content
    }

    /// Swift's metadata sections are what clashes between two plugins in one process.
    private static func isSwift(_ content: [UInt8]) -> Bool {
        content.withUnsafeBytes { bytes in
            system_contains(bytes.baseAddress, bytes.count, "swift5_type_metadata")
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    private func refused(_ message: String, hint: String? = nil) -> RunFailure {
        RunFailure(.pluginRefused, message, hint: hint)
    }
}
