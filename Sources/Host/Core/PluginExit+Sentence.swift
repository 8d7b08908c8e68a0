import Glibc

extension PluginExit {
    /// `it was ended by SIGSEGV (a bad memory access)`
    package var sentence: String {
        switch cause {
        case .exited(Self.lostHost): "it closed its connection to the daemon"
        case .exited(Self.lostEntry): "it ended the thread that it was called on instead of returning"
        case .exited(let code): "it called exit(\(code))"
        case .signalled(let signal): "it was ended by \(Self.name(signal))"
        case .inProcess: "its thread ended"
        }
    }

    /// What it wrote last, for a person who looks for the reason; nil if it wrote nothing.
    package var quotation: String? {
        lastErrorLines.isEmpty ? nil : "Its last words: " + lastErrorLines.joined(separator: " ⏎ ")
    }

    /// `WORKER_LOST_HOST`: while the daemon listens, only the plugin can have closed the socket.
    package static let lostHost: Int32 = 121

    /// `WORKER_LOST_ENTRY`
    package static let lostEntry: Int32 = 122

    private static func name(_ signal: CInt) -> String {
        switch signal {
        case SIGSEGV: "SIGSEGV (a bad memory access)"
        case SIGABRT: "SIGABRT (it gave up: an assertion, an uncaught exception)"
        case SIGILL: "SIGILL (a trap: in Swift a failed precondition)"
        case SIGTRAP: "SIGTRAP (a trap: in Swift a failed precondition)"
        case SIGBUS: "SIGBUS (a bad memory access)"
        case SIGFPE: "SIGFPE (an arithmetic error)"
        case SIGKILL: "SIGKILL (killed: by the daemon, a person, or for want of memory)"
        case SIGTERM: "SIGTERM"
        case SIGPIPE: "SIGPIPE (it wrote to a closed pipe)"
        case SIGXCPU: "SIGXCPU (its limit of CPU time)"
        case SIGXFSZ: "SIGXFSZ (its limit of the size of a file)"
        case SIGSYS: "SIGSYS (a forbidden system call)"
        case SIGHUP: "SIGHUP"
        case SIGINT: "SIGINT"
        case SIGQUIT: "SIGQUIT"
        case SIGUSR1: "SIGUSR1"
        case SIGUSR2: "SIGUSR2"
        case SIGALRM: "SIGALRM"
        case SIGVTALRM: "SIGVTALRM"
        case SIGPROF: "SIGPROF"
        case SIGPOLL: "SIGPOLL"
        default: "signal \(signal)"
        }
    }
}
