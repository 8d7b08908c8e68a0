import Core
import Glibc
import Worker

/// Where the C worker runs, and how it is made to end.
protocol WorkerPlace: AnyObject {
    /// The host's end of the socketpair; the session closes it.
    var socket: CInt { get }
    /// The read ends of the worker's stdout and stderr; the session closes them.
    var outputs: [(descriptor: CInt, isError: Bool)] { get }
    /// Readable once the worker has ended, whoever still holds its end of the socket; -1: there
    /// is no such thing.  The session closes it.
    var endDescriptor: CInt { get }
    func signal(_ signal: CInt) -> Bool
    /// Called after the socket was closed, upon which the worker ends by itself.
    func waitForEnd() -> PluginExit.Cause
}

/// A process of its own.
final class WorkerProcess: WorkerPlace {
    let socket: CInt
    let outputs: [(descriptor: CInt, isError: Bool)]
    let endDescriptor: CInt
    private let process: pid_t

    /// How long a worker that lost its host may take before it is killed.
    private static let patience: CInt = 2000

    init(executable: String, environment: [String: String]) throws(RunFailure) {
        let socket = try descriptors(system_socket_pair)
        let output = try descriptors(system_pipe)
        let error = try descriptors(system_pipe)
        defer { [socket.1, output.1, error.1].forEach { close($0) } }

        let variables = environment.map { "\($0)=\($1)" }.sorted()
        var pointers = variables.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        var process: pid_t = 0
        let problem = worker_spawn(executable, socket.1, output.1, error.1, &pointers, &process)
        guard problem == 0 else {
            [socket.0, output.0, error.0].forEach { close($0) }
            throw RunFailure(
                .internal, "The worker \(executable) could not be started: \(String(cString: strerror(problem))).",
                hint: "integrationd-worker has to stand beside integrationd.")
        }
        self.socket = socket.0
        outputs = [(output.0, false), (error.0, true)]
        self.process = process
        endDescriptor = worker_watch(process)
    }

    func signal(_ signal: CInt) -> Bool {
        worker_signal(process, signal)
        return true
    }

    func waitForEnd() -> PluginExit.Cause {
        var how: CInt = 0
        var status: CInt = 0
        if worker_wait(process, Self.patience, &how, &status) == 0 {
            worker_signal(process, SIGKILL)
            while worker_wait(process, -1, &how, &status) == 0 {}
        }
        return how == CInt(CLD_EXITED) ? .exited(code: status) : .signalled(status)
    }
}

/// A thread of this process: for trusted plugins, without a way to end one that does not listen.
final class WorkerThread: WorkerPlace {
    let socket: CInt
    let outputs: [(descriptor: CInt, isError: Bool)] = []
    let endDescriptor: CInt = -1
    init(gate: InProcessGate) throws(RunFailure) {
        let pair = try descriptors(system_socket_pair)
        socket = pair.0
        let workerSocket = pair.1
        OwnThread.start(name: "plugin") {
            worker_serve(workerSocket, WORKER_IN_HOST)
            close(workerSocket)
            gate.leave()
        }
    }

    func signal(_ signal: CInt) -> Bool { false }

    /// Does not wait: a plugin that ignores the lost host cannot be ended, and keeps the gate.
    func waitForEnd() -> PluginExit.Cause { .inProcess }
}

private func descriptors(
    _ make: (UnsafeMutablePointer<CInt>) -> CInt
) throws(RunFailure) -> (CInt, CInt) {
    var pair: [CInt] = [-1, -1]
    guard make(&pair) == 0 else {
        throw .noDescriptors(errno)
    }
    return (pair[0], pair[1])
}
