import Core
import Glibc
import Synchronization

/// Keeps a second process away from the store: an exclusive `flock` on `<path>.lock`.
///
/// The kernel drops the lock when the process ends, however it ends; the file itself stays, since
/// removing it would let two processes lock two files of the same name.
final class StoreLock: Sendable {
    private let descriptor: Mutex<Int32?>

    private init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    deinit { release() }

    static func acquire(for file: StoreFile) throws -> StoreLock {
        let path = file.path + ".lock"
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StorageError.failed(
                "cannot create \(path): \(StoreFile.reason(errno)); the folder of the store must "
                    + "belong to this user")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            defer { Glibc.close(descriptor) }
            if code == EWOULDBLOCK { throw taken(file, by: holder(in: descriptor)) }
            throw StorageError.failed("cannot lock \(path): \(StoreFile.reason(code))")
        }
        let lock = StoreLock(descriptor)
        try lock.writeProcessID(path: path)
        return lock
    }

    func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { Glibc.close(open) }
            descriptor = nil
        }
    }

    private func writeProcessID(path: String) throws {
        let text = Array("\(getpid())\n".utf8)
        let isWritten = descriptor.withLock { descriptor in
            guard let descriptor else { return false }
            return ftruncate(descriptor, 0) == 0
                && Glibc.pwrite(descriptor, text, text.count, 0) == text.count
        }
        guard isWritten else {
            throw StorageError.failed("cannot write \(path): \(StoreFile.reason(errno))")
        }
    }

    private static func taken(_ file: StoreFile, by process: Int32?) -> StorageError {
        return .locked(
            "\(file.path) is in use by \(describe(process)); stop it, or ask it over HTTP instead")
    }

    private static func describe(_ process: Int32?) -> String {
        process.map { "process \($0)\(programName(of: $0))" } ?? "another process"
    }

    /// Who has the lock; nil if nobody has.  Takes it for a moment at most, and creates nothing.
    static func holder(ofLockFile path: String) -> String? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
        return describe(holder(in: descriptor))
    }

    private static func holder(in descriptor: Int32) -> Int32? {
        let text = String(decoding: contents(of: descriptor, limit: 16), as: UTF8.self)
        return text.split(separator: "\n").first.flatMap { Int32($0) }
    }

    /// ` (integrationd serve)`: the program and its command.  No further arguments: they may hold
    /// what is nobody's business.
    private static func programName(of process: Int32) -> String {
        let descriptor = Glibc.open("/proc/\(process)/cmdline", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { Glibc.close(descriptor) }
        let words = contents(of: descriptor, limit: 512).split(separator: 0)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let program = words.first?.split(separator: "/").last else { return "" }
        let command = words.dropFirst().first.flatMap { $0.hasPrefix("-") ? nil : " \($0)" }
        return " (\(program)\(command ?? ""))"
    }

    private static func contents(of descriptor: Int32, limit: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = Glibc.read(descriptor, &bytes, limit)
        return Array(bytes.prefix(max(0, count)))
    }
}
