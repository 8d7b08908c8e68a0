import Core
import Glibc
import Testing

@Suite struct PluginExitTests {
    private static func sentence(_ cause: PluginExit.Cause) -> String {
        PluginExit(cause: cause, lastErrorLines: []).sentence
    }

    @Test func `every signal that ends a process has its name`() {
        // 16 and 30 are for coprocessors and power; these others end nothing.
        let others: Set<CInt> = [16, 30, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH]
        for signal in Set<CInt>(1...31).subtracting(others) {
            #expect(Self.sentence(.signalled(signal)).hasPrefix("it was ended by SIG"), "\(signal)")
        }
        #expect(Self.sentence(.signalled(SIGUSR1)) == "it was ended by SIGUSR1")
        #expect(Self.sentence(.signalled(SIGSEGV)) == "it was ended by SIGSEGV (a bad memory access)")
        #expect(Self.sentence(.signalled(64)) == "it was ended by signal 64", "a real-time signal has none")
    }

    @Test func `an exit says whether it was the plugin's`() {
        #expect(Self.sentence(.exited(code: 3)) == "it called exit(3)")
        #expect(Self.sentence(.exited(code: PluginExit.lostHost)) == "it closed its connection to the daemon")
        #expect(Self.sentence(.exited(code: PluginExit.lostEntry)).contains("instead of returning"))
    }
}
