import Core
import Glibc
import Synchronization

/// Private copies of plugin files, named by their hash.
///
/// A copy is there as long as a file of the configuration has its content or a run still uses it.
final class PluginCopies: Sendable {
    /// What holds it keeps the copy on the disk.
    final class Copy: Sendable {
        let path: String
        fileprivate let sha256: String
        private let owner: PluginCopies

        fileprivate init(sha256: String, owner: PluginCopies) {
            path = "\(owner.folder)/\(sha256).so"
            self.sha256 = sha256
            self.owner = owner
        }

        deinit { owner.release(sha256, ObjectIdentifier(self)) }
    }

    private final class Known {
        private(set) weak var copy: Copy?
        /// Also tells a copy that is on its way out from the one that has taken its place.
        let id: ObjectIdentifier

        init(_ copy: Copy) {
            self.copy = copy
            id = ObjectIdentifier(copy)
        }
    }

    let folder: String
    private let known = Mutex<[String: Known]>([:])
    /// Only who has the folder to itself may remove what it does not use: a command beside the
    /// daemon leaves its copies, which are the daemon's as well.
    private let isOwner = Atomic(false)

    init(folder: String) { self.folder = folder }

    /// Removes what an earlier process left, and from now on what is not used any more.
    func own() {
        isOwner.store(true, ordering: .relaxed)
        guard let directory = opendir(folder) else { return }  // not there yet
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // Plugins of other names may be there: an operator's folder can be this one.
            if Self.isCopy(name) { unlink("\(folder)/\(name)") }  // what cannot be removed is overwritten
        }
    }

    /// A hash and `.so`, and perhaps more of a copy that was never finished.
    private static func isCopy(_ name: String) -> Bool {
        let hash = name.utf8.prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        return hash.count == 64 && name.dropFirst(64).hasPrefix(".so")
    }

    /// Whether someone holds a copy of this content.
    func holds(_ sha256: String) -> Bool {
        // Out of the lock first: this reference may turn out to be the last one.
        let copy = known.withLock { $0[sha256]?.copy }
        return copy != nil
    }

    /// The copy of this content, which is written if there is none.
    func copy(of content: [UInt8], sha256: String) throws(RunFailure) -> Copy {
        // Under the lock: a copy that is being released is removed before or not at all.
        var held: [Copy] = []  // none of them may go away under the lock
        let result = known.withLock { known -> Result<Copy, RunFailure> in
            if let copy = known[sha256]?.copy {
                held.append(copy)
                if access(copy.path, R_OK) == 0 { return .success(copy) }
            }
            let copy = Copy(sha256: sha256, owner: self)
            held.append(copy)
            if access(copy.path, R_OK) != 0, let failure = write(content, to: copy.path) {
                return .failure(failure)
            }
            known[sha256] = Known(copy)
            return .success(copy)
        }
        return try result.get()
    }

    private func release(_ sha256: String, _ id: ObjectIdentifier) {
        known.withLock { known in
            guard known[sha256]?.id == id else { return }
            known[sha256] = nil
            if isOwner.load(ordering: .relaxed) { unlink("\(folder)/\(sha256).so") }
        }
    }

    // MARK: Writing

    /// nil: it is there.
    private func write(_ content: [UInt8], to path: String) -> RunFailure? {
        var folder = ""
        for part in self.folder.split(separator: "/") {
            folder += "/" + part
            mkdir(folder, 0o700)  // what is there already stays; the rest fails below
        }
        let temporary = "\(path).\(getpid()).\(UUIDv7.make())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o500)
        guard descriptor >= 0 else { return Self.failure(path) }
        var written = 0
        while written < content.count {
            let count = content[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                defer { close(descriptor); unlink(temporary) }
                return Self.failure(path)
            }
            written += count
        }
        close(descriptor)
        return rename(temporary, path) == 0 ? nil : Self.failure(path)
    }

    private static func failure(_ path: String) -> RunFailure {
        RunFailure(
            .internal,
            "The private copy \(path) of a plugin could not be written: \(String(cString: strerror(errno))).",
            hint: "It needs a writable folder beside the store, with room for it.")
    }
}
