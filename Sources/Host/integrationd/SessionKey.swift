import Glibc

/// What the cookies of browser sessions are signed with: random bytes in a file beside the store, so
/// that a session outlives a restart, and so that nobody can make one who only reads the
/// configuration with its tokens' hashes.
enum SessionKey {
    private static let size = 32

    /// Makes it at the first start.  The store's lock keeps others away.
    static func load(from folder: String) throws -> [UInt8] {
        let path = folder + "/session.key"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Unusable(path) }
        defer { close(file) }
        var key = [UInt8](repeating: 0, count: size)
        if pread(file, &key, size, 0) == size { return key }
        // New, or a crash left it unfinished.
        var generator = SystemRandomNumberGenerator()
        for index in key.indices { key[index] = .random(in: .min ... .max, using: &generator) }
        guard pwrite(file, key, size, 0) == size else { throw Unusable(path) }
        return key
    }

    struct Unusable: Error, CustomStringConvertible {
        let description: String

        init(_ path: String) { description = "cannot use \(path): \(String(cString: strerror(errno)))" }
    }
}
