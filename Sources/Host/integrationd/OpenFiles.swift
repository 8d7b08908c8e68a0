import Glibc

/// How many descriptors this process may have open.
enum OpenFiles {
    /// More than any daemon of this kind needs.
    private static let most: rlim_t = 65_536

    /// Raises the limit as far as it may be raised.
    ///
    /// - Returns: what it is then.
    static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let before = limit.rlim_cur
        limit.rlim_cur = max(before, min(limit.rlim_max, most))
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 { limit.rlim_cur = before }
        return Int(clamping: limit.rlim_cur)
    }

    /// Connections that leave a quarter of so many descriptors, and 64 at least, for the store and for plugins.
    static func connections(of limit: Int) -> Int { max(16, limit - max(64, limit / 4)) }
}
