/// What a worker took from itself before it loaded its plugin; all off inside the daemon.
package struct Containment: Sendable, Equatable {
    package var noNewPrivileges = false
    /// No powers of root are left, but to read what belongs to other users.
    package var noCapabilities = false
    /// Landlock: the system's libraries, its own folders and what its settings name.
    package var landlockFiles = false
    /// Landlock: no listening on TCP.
    package var landlockPorts = false
    /// Landlock: no signals to other processes.
    package var landlockSignals = false
    package var seccomp = false

    package init() {}

    /// Each by the name that people and programs see.
    package var measures: [(name: String, isOn: Bool)] {
        [
            ("noNewPrivileges", noNewPrivileges), ("noCapabilities", noCapabilities),
            ("landlockFiles", landlockFiles), ("landlockPorts", landlockPorts),
            ("landlockSignals", landlockSignals), ("seccomp", seccomp),
        ]
    }
}

/// What a worker may use; nil: no limit of its own.
package struct WorkerLimits: Sendable, Hashable {
    /// Bytes of its data (`RLIMIT_DATA`).
    package var memory: Int?
    /// Seconds of all its threads (`RLIMIT_CPU`).
    package var cpuSeconds: Int?
    /// Descriptors (`RLIMIT_NOFILE`).
    package var openFiles: Int?
    /// Bytes of each file that it writes (`RLIMIT_FSIZE`).
    package var fileSize: Int?

    package init(memory: Int? = nil, cpuSeconds: Int? = nil, openFiles: Int? = nil, fileSize: Int? = nil) {
        self.memory = memory
        self.cpuSeconds = cpuSeconds
        self.openFiles = openFiles
        self.fileSize = fileSize
    }
}
