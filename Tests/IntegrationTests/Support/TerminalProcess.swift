import Foundation

/// `integrationd`, or another program, with a terminal of its own for stdin, stdout and stderr.  It does not outlive this object.
final class TerminalProcess: Sendable {
    /// Everything it writes to the terminal.
    let output: OutputLines
    private let process: ChildProcess
    private let master: CInt

    /// Opens a terminal of this size and starts the program on it, in a session of its own.
    init(
        _ arguments: [String], of program: String = BuildProducts.daemon.path, in folder: TemporaryFolder,
        environment: [String: String] = [:], columns: Int = 80, rows: Int = 24
    ) throws {
        var (master, slave) = (CInt(), CInt())
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&master, &slave, &name, nil, nil) == 0 else {
            throw ChildProcess.SpawnError(description: "no terminal: \(String(cString: strerror(errno)))")
        }
        for descriptor in [master, slave] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        // Until the program has it open itself: without anyone at it, a terminal is gone.
        defer { close(slave) }
        let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.master = master
        let reading = fcntl(master, F_DUPFD_CLOEXEC, 0)
        Self.resize(master, columns, rows)
        process = try ChildProcess(
            program, arguments,
            environment: ["PATH": "/usr/bin:/bin", "TERM": "xterm"].merging(environment) { $1 },
            folder: folder.url.path, terminal: path)
        output = OutputLines(reading: reading)
    }

    deinit { close(master) }

    /// As if someone typed it: `\u{3}` is Ctrl-C.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    /// The terminal gets another size, of which the kernel tells the program.
    func resize(columns: Int, rows: Int = 24) { Self.resize(master, columns, rows) }

    private static func resize(_ descriptor: CInt, _ columns: Int, _ rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
    }

    /// Waits until everything that was written fits.
    func until(_ what: String, _ fits: @escaping @Sendable (String) -> Bool) async throws {
        do {
            try await eventually(what) { fits(output.text) }
        } catch is TimedOut {
            throw TimedOut(description: "never: \(what); there was:\n\(output.text)")
        }
    }

    /// Waits until this is written.
    func until(_ text: String) async throws { try await until("\"\(text)\"") { $0.contains(text) } }

    func end(within limit: Duration = patience) async throws -> ChildProcess.ExitStatus {
        let status = try await process.exitStatus(within: limit)
        _ = try await output.end()
        return status
    }

    func send(_ signal: Int32) { process.send(signal) }
}
