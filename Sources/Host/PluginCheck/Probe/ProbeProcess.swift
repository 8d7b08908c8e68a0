import Core
import Glibc
import PluginHost
import Probe
import Worker

/// One probe, run from its start to its end.  Everything blocks the calling thread.
struct ProbeProcess {
    /// How long a plugin may take from cancellation to its return, and a little more for this machine.
    static let cancellationLimit = Duration.milliseconds(2000)
    private static let allowance = Duration.milliseconds(400)

    private let socket: CInt
    private var outputs: [(descriptor: CInt, lines: OutputLines, isError: Bool)]
    private let process: pid_t
    private var recording = Recording()

    /// Lines of output that are kept, the newest of stderr among them.
    private static let mostLines = 1000

    /// - Parameter limit: after so long, waits aside, the probe is killed.
    static func run(
        _ executable: String, plan: [UInt8], environment: [String: String], limit: Duration
    ) throws(RunFailure) -> Recording {
        var probe = try ProbeProcess(executable, environment)
        probe.send(plan)
        return try probe.listen(Patience(limit))
    }

    private init(_ executable: String, _ environment: [String: String]) throws(RunFailure) {
        var socket: [CInt] = [-1, -1]
        var output: [CInt] = [-1, -1]
        var error: [CInt] = [-1, -1]
        guard system_socket_pair(&socket) == 0, system_pipe(&output) == 0, system_pipe(&error) == 0 else {
            throw RunFailure(.internal, "No descriptors for a probe: \(String(cString: strerror(errno))).")
        }
        var pointers = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { pointers.forEach { free($0) } }
        var process: pid_t = 0
        let problem = worker_spawn(executable, socket[1], output[1], error[1], &pointers, &process)
        for descriptor in [socket[1], output[1], error[1]] { close(descriptor) }
        guard problem == 0 else {
            throw RunFailure(
                .internal, "The probe \(executable) could not be started: \(String(cString: strerror(problem))).",
                hint: "integrationd-probe has to stand beside integrationd.")
        }
        self.socket = socket[0]
        self.process = process
        outputs = [(output[0], OutputLines(), false), (error[0], OutputLines(), true)]
    }

    private func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count < 0, errno != EINTR { return }  // it is gone: `listen` finds out how
            sent += max(0, count)
        }
    }

    private mutating func listen(_ given: Patience) throws(RunFailure) -> Recording {
        var frames = FrameBuffer()
        var patience = given
        var cancelled: ContinuousClock.Instant?
        var isOpen = true
        while isOpen {
            if recording.cancelledAt != nil, recording.returnedAt == nil, cancelled == nil { cancelled = .now }
            let deadline = min(
                patience.deadline, cancelled.map { $0 + Self.cancellationLimit + Self.allowance } ?? patience.deadline)
            guard ContinuousClock.now < deadline else {
                recording.ranOutOfTime = true
                kill(-process, SIGKILL)
                break
            }
            waitForSomething(until: deadline)
            do throws(MalformedFrame) {
                isOpen = try frames.fill(from: socket)
                let heard = recording.calls.count
                while let _ = try frames.next({ (type, payload) throws(MalformedFrame) in
                    try recording.take(type: type, payload: payload)
                }) {}
                for call in recording.calls[heard...] where call.function == PROBE_WAITING {
                    patience.waits(until: Timestamp(milliseconds: call.numbers.0))
                }
            } catch {
                kill(-process, SIGKILL)
                break
            }
        }
        end()
        return recording
    }

    private mutating func waitForSomething(until deadline: ContinuousClock.Instant) {
        var watched = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0)]
        watched += outputs.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1) + 1
        guard poll(&watched, nfds_t(watched.count), CInt(clamping: Int(max(0, left)))) > 0 else { return }
        for index in outputs.indices.reversed() where watched[index + 1].revents != 0 { readOutput(index) }
    }

    private mutating func readOutput(_ index: Int) {
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        let count = read(outputs[index].descriptor, &bytes, bytes.count)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        let lines =
            count > 0
            ? bytes.withUnsafeBytes { outputs[index].lines.take(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
            : outputs[index].lines.rest()
        keep(lines, isError: outputs[index].isError)
        if count <= 0 {
            close(outputs[index].descriptor)
            outputs.remove(at: index)
        }
    }

    private mutating func keep(_ lines: [String], isError: Bool) {
        recording.output += lines.prefix(max(0, Self.mostLines - recording.output.count))
        if isError { recording.exit.lastErrorLines = (recording.exit.lastErrorLines + lines).suffix(3) }
    }

    private mutating func end() {
        close(socket)
        var how: CInt = 0
        var status: CInt = 0
        if worker_wait(process, 2000, &how, &status) == 0 {
            kill(-process, SIGKILL)
            while worker_wait(process, -1, &how, &status) == 0 {}
        }
        // Whatever it printed is in the pipes now; nobody of its process group is left to write.
        for index in outputs.indices.reversed() {
            for _ in 0..<64 where outputs.indices.contains(index) { readOutput(index) }
        }
        for output in outputs { close(output.descriptor) }
        recording.exit.cause = how == CInt(CLD_EXITED) ? .exited(code: status) : .signalled(status)
    }
}
