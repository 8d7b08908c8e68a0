import Core
import Glibc

/// What can be said of a store without opening it: nothing is created, changed or waited for.
package struct StoreCondition: Sendable {
    package enum File: Sendable, Equatable {
        /// It will be created.
        case absent
        case ours
        /// A database of another program, or no database.
        case foreign
        case unreadable(String)
    }

    package var file: File
    /// Bytes.
    package var size: Int64 = 0
    /// Bytes that the file system has left for this user.
    package var free: Int64 = 0
    /// `process 12 (integrationd serve)`, while one has it open.
    package var holder: String?
    /// The folder that cannot be written to.
    package var readOnlyFolder: String?
    /// Others than its owner can read it.
    package var isOpenToOthers = false

    package init(path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        file = Self.file(path)
        let existing = Self.nearestFolder(folder.isEmpty ? "/" : folder)
        var space = statvfs()
        if statvfs(existing, &space) == 0 { free = Int64(clamping: space.f_bavail * UInt(space.f_frsize)) }
        if access(existing, W_OK | X_OK) != 0 { readOnlyFolder = existing }
        var status = stat()
        if stat(path, &status) == 0 {
            size = Int64(status.st_size)
            isOpenToOthers = status.st_mode & 0o077 != 0
        }
        holder = StoreLock.holder(ofLockFile: path + ".lock")
    }

    private static func file(_ path: String) -> File {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return errno == ENOENT ? .absent : .unreadable(StoreFile.reason(errno)) }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: 100)
        let count = read(descriptor, &header, header.count)
        if count == 0 { return .absent }
        guard count == header.count, header.starts(with: "SQLite format 3\0".utf8) else { return .foreign }
        // Where SQLite keeps the number of the program that the file belongs to.
        let id = header[68..<72].reduce(0) { $0 << 8 | Int32($1) }
        // Of a new store it may still be in the log.
        let isYoung = id == 0 && fileSize(path + "-wal") > 0
        return id == StoreFile.applicationID || isYoung ? .ours : .foreign
    }

    private static func fileSize(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    private static func nearestFolder(_ folder: String) -> String {
        var folder = folder
        while folder != "/", access(folder, F_OK) != 0 {
            folder = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? "."
            if folder.isEmpty { folder = "/" }
        }
        return folder
    }
}
