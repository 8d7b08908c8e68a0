import Foundation

/// A program that a test runs, in a process group of its own.  It does not outlive this object.
final class ChildProcess: Sendable {
    enum ExitStatus: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    struct SpawnError: Error, CustomStringConvertible {
        let description: String
    }

    /// What it writes to stdout and to stderr.
    let output: OutputLines
    let errors: OutputLines
    private let end: End

    var id: pid_t { end.id }

    /// - Parameters:
    ///   - environment: all of it; nil: that of the tests.
    ///   - folder: its working directory; nil: that of the tests.
    ///   - terminal: the path of one that it gets, as the head of a session, instead of `output` and `errors`.
    ///   - descriptors: what it finds open beside the usual three, by its own numbers.
    init(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil, folder: String? = nil,
        terminal: String? = nil, descriptors: [CInt: CInt] = [:]
    ) throws {
        let output = try Channel(), errors = try Channel()
        let environment = (environment ?? ProcessInfo.processInfo.environment).map { "\($0)=\($1)" }
        // env(1) replaces itself by the program.
        let command = (folder.map { ["/usr/bin/env", "-C", $0] } ?? []) + [program] + arguments
        let outputs = terminal == nil ? [STDOUT_FILENO: output.writeEnd, STDERR_FILENO: errors.writeEnd] : [:]
        end = End(try Self.spawn(command, environment, outputs.merging(descriptors) { $1 }, terminal))
        close(output.writeEnd)
        close(errors.writeEnd)
        self.output = OutputLines(reading: output.readEnd)
        self.errors = OutputLines(reading: errors.readEnd)
        end.watch()
    }

    deinit { end.send(SIGKILL) }

    /// Also to everything that it has started and left in its group.
    func send(_ signal: Int32) { end.send(signal) }

    func exitStatus(within limit: Duration = patience) async throws -> ExitStatus {
        let deadline = Date(timeIntervalSinceNow: limit.seconds)
        return try await blocking { [end] in try end.wait(until: deadline) }
    }

    /// Both ends are closed in every other process that is started meanwhile, which pipe(2) cannot promise.
    private struct Channel {
        let readEnd, writeEnd: CInt

        init() throws {
            var ends: [CInt] = [0, 0]
            guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
                throw SpawnError(description: "socketpair: \(String(cString: strerror(errno)))")
            }
            (readEnd, writeEnd) = (ends[0], ends[1])
        }
    }

    private static func spawn(
        _ command: [String], _ environment: [String], _ descriptors: [CInt: CInt], _ terminal: String?
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let terminal {
            // The head of a session that has no terminal yet gets the first that it opens.
            for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
                posix_spawn_file_actions_addopen(&actions, number, terminal, O_RDWR, 0)
            }
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        for (number, descriptor) in descriptors.sorted(by: { $0.key < $1.key }) {
            posix_spawn_file_actions_adddup2(&actions, descriptor, number)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t(), none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID, which is for GNU sources only
        let own = terminal == nil ? POSIX_SPAWN_SETPGROUP : newSession
        let flags = own | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let argv = command.map { strdup($0) } + [nil]
        let envp = environment.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var id = pid_t()
        let problem = posix_spawn(&id, command[0], &actions, &attributes, argv, envp)
        guard problem == 0 else {
            throw SpawnError(description: "\(command[0]) cannot be run: \(String(cString: strerror(problem)))")
        }
        return id
    }

    /// Knows whether the process is still there, so that no signal reaches another one with the same id.
    private final class End: @unchecked Sendable {
        let id: pid_t
        // Guarded by `condition`.
        private var status: ExitStatus?
        private let condition = NSCondition()

        init(_ id: pid_t) { self.id = id }

        func watch() {
            Thread.detachNewThread { [self] in
                var info = siginfo_t()
                while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
                condition.withLock {
                    var raw: CInt = 0
                    waitpid(id, &raw, 0)
                    status = raw & 0x7F == 0 ? .exited((raw >> 8) & 0xFF) : .signalled(raw & 0x7F)
                    condition.broadcast()
                }
            }
        }

        func send(_ signal: Int32) {
            condition.withLock { if status == nil { kill(-id, signal) } }
        }

        func wait(until deadline: Date) throws -> ExitStatus {
            condition.lock()
            defer { condition.unlock() }
            while true {
                if let status { return status }
                guard condition.wait(until: deadline) else {
                    throw TimedOut(description: "process \(id) has not ended")
                }
            }
        }
    }
}
