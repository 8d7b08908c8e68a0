import Core
import GRDB
import Glibc

/// Where the store is on disk, and sentences about what went wrong there.
struct StoreFile: Sendable {
    /// Absolute and without symbolic links, so that one file has one lock.
    let path: String

    /// Marks a file as ours, in SQLite's header: "intd".
    static let applicationID: Int32 = 0x696E_7464

    static func prepare(_ path: String) throws -> StoreFile {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try createFolder(folder)
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StorageError.failed(
                "cannot open the store \(path): \(reason(errno)); store.sqlite must name a file in a "
                    + "folder that this user may write to")
        }
        Glibc.close(descriptor)
        guard let resolved = realpath(path, nil) else {
            throw StorageError.failed("cannot find the store \(path): \(reason(errno))")
        }
        defer { free(resolved) }
        return StoreFile(path: String(cString: resolved))
    }

    private static func createFolder(_ folder: String) throws {
        guard !folder.isEmpty, mkdir(folder, 0o700) != 0, errno != EEXIST else { return }
        var code = errno
        if code == ENOENT, let slash = folder.lastIndex(of: "/") {
            try createFolder(String(folder[..<slash]))
            if mkdir(folder, 0o700) == 0 || errno == EEXIST { return }
            code = errno
        }
        throw StorageError.failed(
            "cannot create the folder \(folder) for the store: \(reason(code)); create it, or set "
                + "store.sqlite to a place that this user may write to")
    }

    /// SQLite itself would take a file that is shorter than a header for an empty one.
    func inspectHeader() throws {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StorageError.failed("cannot read the store \(path): \(Self.reason(errno))")
        }
        defer { Glibc.close(descriptor) }
        var header = [UInt8](repeating: 0, count: 100)
        let count = Glibc.read(descriptor, &header, header.count)
        guard count == 0 || count == header.count && header.starts(with: "SQLite format 3\0".utf8)
        else { throw notADatabase }
    }

    var notADatabase: StorageError {
        .failed(
            "\(path) is not an SQLite database; move it away, or set store.sqlite to another file")
    }

    var foreign: StorageError {
        .failed(
            "\(path) is a database of another program; set store.sqlite to a file of integrationd's own"
        )
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}

extension StoreFile {
    /// Runs `body`; what SQLite throws becomes a sentence that names the file and the remedy.
    func explaining<T>(_ action: String, _ body: () throws -> T) throws -> T {
        do { return try body() } catch { throw explanation(of: error, action) }
    }

    func explanation(of error: any Error, _ action: String) -> any Error {
        switch error {
        case let error as DatabaseError: sentence(for: error, action)
        default: error  // ours already, or a cancellation
        }
    }

    private func sentence(for error: DatabaseError, _ action: String) -> StorageError {
        let cannot = "cannot \(action) in \(path): "
        let detail = error.message ?? "SQLite says \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            return .failed(cannot + "the disk is full; make room, then start the import again")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
            return .failed(
                cannot + "no permission to write (\(detail)); the file, its folder and the files "
                    + "-wal and -shm beside it must belong to this user")
        case .SQLITE_CORRUPT:
            return .failed(
                cannot + "the file is damaged (\(detail)); put back a copy, or move it away and "
                    + "import again")
        case .SQLITE_NOTADB: return notADatabase
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return .failed(
                cannot + "another program keeps the file locked; end that program, or let it work "
                    + "on a copy")
        case .SQLITE_IOERR:
            return .failed(
                cannot + "the disk reports an error "
                    + "(\(detail), code \(error.extendedResultCode.rawValue)); look at the "
                    + "system's log")
        case .SQLITE_TOOBIG:
            return .failed(cannot + "a text is larger than SQLite takes (\(detail))")
        case .SQLITE_MISUSE where error.message?.contains("closed") == true:
            return .failed(cannot + "the store is closed")
        default:
            return .failed(cannot + "\(detail) (SQLite \(error.extendedResultCode.rawValue))")
        }
    }
}
