import Core
import Foundation
import Glibc
import Testing

@testable import PluginHost

/// The real worker with the fixtures: whatever may crash does so in a process of its own.
@Suite(.timeLimit(.minutes(10))) struct WorkerTests {
    private let stage = Stage()

    // MARK: Good manners

    @Test(arguments: Isolation.allCases)
    func `a plugin says hello, in a process and in the daemon`(isolation: Isolation) async throws {
        let transcript = try await stage.run("hello", isolation: isolation)
        #expect(transcript.returned == .ok)
        #expect(transcript.ids == ["one", "two", "three"])
        #expect(transcript.documents.allSatisfy { $0.content == "Hello." && $0.key.collection == "items" })
        #expect(transcript.progress.map(\.step) == ["greeting", "greeting", "greeting", "greeting"])
        #expect(transcript.progress.map(\.count) == [0, 1, 2, 3])
        #expect(transcript.exit.cause == (isolation == .process ? .exited(code: 0) : .inProcess))
        // A process says first what it has taken from itself.
        guard case .entered(reportsProgress: true)? = transcript.messages.dropFirst(isolation == .process ? 1 : 0).first
        else {
            Issue.record("the first thing is not that the entry is called")
            return
        }
    }

    @Test(arguments: Isolation.allCases)
    func `progress and documents arrive in the order in which they were made`(isolation: Isolation) async throws {
        let transcript = try await stage.run("hello", isolation: isolation)
        let order = transcript.messages.compactMap { message in
            switch message {
            case .progress(_, _, let count, _): "p\(count ?? -1)"
            case .upsert(let draft): draft.key.externalID
            default: nil
            }
        }
        #expect(order == ["p0", "one", "p1", "two", "p2", "three", "p3"])
    }

    @Test(arguments: Isolation.allCases)
    func `the import with progress is preferred, and the plain one is the fallback`(isolation: Isolation) async throws {
        let both = try await stage.run("both", isolation: isolation)
        #expect(both.documents.first.map { "\($0)".contains("progress") } == true)
        let plain = try await stage.run("plain", settings: ["documents": 7], isolation: isolation)
        #expect(plain.documents.count == 7)
        #expect(plain.messages.contains { if case .entered(reportsProgress: false) = $0 { true } else { false } })
    }

    @Test(arguments: Isolation.allCases)
    func `the entry does not run on the process's main thread`(isolation: Isolation) async throws {
        #expect(try await stage.run("main_thread", isolation: isolation).returned == .ok)
    }

    @Test(arguments: Isolation.allCases)
    func `eight threads at once lose nothing`(isolation: Isolation) async throws {
        let transcript = try await stage.run("threads", settings: ["documents": 200], isolation: isolation)
        #expect(transcript.returned == .ok)
        #expect(Set(transcript.ids).count == 1600)
        for thread in 0..<8 {
            let counts = transcript.progress.filter { $0.step == "thread_\(thread)" }.compactMap(\.count)
            #expect(counts.first == 1 && counts.last == 200)
            #expect(counts == counts.sorted())
            #expect(transcript.ids.filter { $0.hasPrefix("\(thread)-") } == (1...200).map { "\(thread)-\($0)" })
        }
    }

    @Test(arguments: Isolation.allCases)
    func `of a flood of progress the first and the last of each step arrive, and every document`(isolation: Isolation)
        async throws
    {
        let transcript = try await stage.run("many_progress", isolation: isolation)
        #expect(transcript.returned == .ok)
        #expect(transcript.documents.count == 10)
        #expect(transcript.progress.count < 5000)
        for step in ["first", "second", "third"] {
            let said = transcript.progress.filter { $0.step == step }
            #expect(said.first?.message == "Call 1")
            #expect(said.last?.message == "Last")
            #expect(said.last?.count == 100_000)
        }
        let order = transcript.progress.map(\.step)
        #expect(order.firstIndex(of: "second")! > order.lastIndex(of: "first")!)
        #expect(order.firstIndex(of: "third")! > order.lastIndex(of: "second")!)
    }

    @Test(arguments: Isolation.allCases)
    func `a plugin asks what is known and gets its answer`(isolation: Isolation) async throws {
        let transcript = try await stage.run(
            "known_user", settings: ["documents": 10, "failed": 3, "skipped": 4, "removed": 5, "revision": "r7"],
            isolation: isolation
        ) { message, session in
            guard case .known(let question, let key, "r7") = message else { return }
            session.answer(question, ["1", "2"].contains(key.externalID))
        }
        #expect(transcript.returned == .ok)
        #expect(transcript.ids == ["6", "7", "8", "9", "10"])
        #expect(transcript.documents.allSatisfy { $0.revision == "r7" })
        #expect(transcript.reports.map(\.kind) == [.failed, .skipped])
        #expect(transcript.reports.map(\.externalID) == ["3", "4"])
        #expect(transcript.logs == ["Known: 2."])
        #expect(transcript.messages.contains { if case .remove(let key) = $0 { key.externalID == "5" } else { false } })
        #expect(transcript.messages.contains { if case .complete("items", nil) = $0 { true } else { false } })
    }

    @Test(arguments: Isolation.allCases)
    func `a plugin goes on from the checkpoint that it is given`(isolation: Isolation) async throws {
        let transcript = try await stage.run(
            "checkpointed", settings: ["documents": 50, "every": 20], isolation: isolation, checkpoint: Array("30".utf8)
        )
        #expect(transcript.ids == (31...50).map(String.init))
        #expect(transcript.checkpoints == [Array("40".utf8), nil])
        #expect(transcript.logs == ["Began after 30."])
    }

    @Test func `a checkpoint comes after the documents that were before it, also in a crash`() async throws {
        let transcript = try await stage.run("checkpointed", settings: ["documents": 100, "every": 10, "crash_at": 37])
        #expect(transcript.returned == nil)
        #expect(transcript.exit.cause == .signalled(SIGSEGV))
        #expect(transcript.checkpoints == ["10", "20", "30"].map { Array($0.utf8) })
        #expect(transcript.ids == (1...37).map(String.init))
        let tenth = transcript.messages.firstIndex { if case .checkpoint = $0 { true } else { false } }
        let before = transcript.messages.prefix(tenth ?? 0).count { if case .upsert = $0 { true } else { false } }
        #expect(before == 10)
    }

    // MARK: Ends that are none

    @Test(arguments: [
        ("crash", PluginExit.Cause.signalled(SIGSEGV)), ("abort", .signalled(SIGABRT)), ("exits", .exited(code: 0)),
        ("exits_quietly", .exited(code: 3)),
    ])
    func `a plugin that ends its process has not returned, and what it said before arrives`(
        fixture: String, cause: PluginExit.Cause
    ) async throws {
        let transcript = try await stage.run(fixture, settings: ["documents": 100])
        #expect(transcript.returned == nil)
        #expect(transcript.exit.cause == cause)
        #expect(transcript.documents.count == 100)
        #expect(transcript.progress.map(\.step) == ["before_the_end"])
    }

    @Test func `a plugin that ignores everything but SIGTERM ends by it`() async throws {
        let transcript = try await stage.run("hang") { message, session in
            guard case .progress("hanging", _, _, _) = message else { return }
            session.cancel()
            _ = session.terminate()
        }
        #expect(transcript.exit.cause == .signalled(SIGTERM))
        #expect(!transcript.ranOutOfTime)
        #expect(transcript.documents.count == 1)
    }

    @Test func `a plugin that ignores SIGTERM as well ends by SIGKILL`() async throws {
        let transcript = try await stage.run("hang", settings: ["ignore_sigterm": 1], within: .seconds(1)) {
            message, session in
            guard case .progress("hanging", _, _, _) = message else { return }
            session.cancel()
            _ = session.terminate()
        }
        #expect(transcript.ranOutOfTime, "SIGTERM ended it, though it ignores that")
        #expect(transcript.exit.cause == .signalled(SIGKILL))
    }

    @Test(arguments: ["waits", "cancel_entry"], Isolation.allCases)
    func `a plugin that listens is cancelled at once`(fixture: String, isolation: Isolation) async throws {
        let begin = ContinuousClock.now
        let transcript = try await stage.run(fixture, isolation: isolation) { message, session in
            if case .progress = message { session.cancel() }
        }
        #expect(transcript.returned == .cancelled)
        #expect(transcript.failure == nil)
        #expect(begin.duration(to: .now) < .seconds(20))
    }

    @Test(arguments: Isolation.allCases)
    func `a cancel twice, and one that comes at once, do no harm`(isolation: Isolation) async throws {
        let transcript = try await stage.run("waits", isolation: isolation) { message, session in
            guard case .entered = message else { return }
            session.cancel()
            session.cancel()
        }
        #expect(transcript.returned == .cancelled)
    }

    @Test(arguments: Isolation.allCases)
    func `a plugin that announces a wait says until when`(isolation: Isolation) async throws {
        let before = Timestamp.now
        let transcript = try await stage.run("waits", settings: ["announce_ms": 60_000], isolation: isolation) {
            message, session in
            if case .waiting = message { session.cancel() }
        }
        let until = transcript.messages.compactMap { if case .waiting(let until, _) = $0 { until } else { nil } }
        #expect(until.count == 1)
        #expect(until.first.map { $0 >= before + .seconds(60) && $0 <= .now + .seconds(60) } == true)
    }

    @Test func `who calls after the return is not heard`() async throws {
        for isolation in Isolation.allCases {
            let transcript = try await stage.run("late_caller", isolation: isolation)
            #expect(transcript.returned == .ok)
            #expect(transcript.ids == ["1", "2", "3"])
            #expect(transcript.progress.isEmpty && transcript.logs.isEmpty && transcript.checkpoints.isEmpty)
        }
    }

    @Test(arguments: Isolation.allCases)
    func `nonsense is refused piece by piece`(isolation: Isolation) async throws {
        let transcript = try await stage.run("garbage", isolation: isolation) { message, session in
            if case .known(let question, _, _) = message { session.answer(question, false) }
        }
        #expect(transcript.returned == .internal)
        #expect(transcript.document("good")?.content == "The run went on.")
        #expect(
            transcript.progress.allSatisfy {
                $0.step.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
            })
        #expect(
            transcript.progress.allSatisfy {
                !$0.step.isEmpty && $0.step.utf8.count <= 64 && ($0.message ?? "").utf8.count <= 4096
            })
        #expect(Set(transcript.progress.map(\.step)).count <= 128)
        let reserved: Set = ["starting", "queued", "waiting", "resumed", "importing", "complete", "error"]
        #expect(transcript.progress.allSatisfy { !reserved.contains($0.step) })
        let isAccepted = transcript.ids.filter { $0.hasPrefix("bad-") }
        #expect(
            !isAccepted.contains {
                [
                    "bad-0", "bad-1", "bad-2", "bad-3", "bad-4", "bad-5", "bad-6", "bad-7", "bad-8", "bad-nul",
                    "bad-deep",
                ].contains($0)
            })
        #expect(transcript.documents.allSatisfy { (1...4096).contains($0.key.externalID.utf8.count) })
    }

    @Test func `NULL where it is forbidden ends the worker at most`() async throws {
        let transcript = try await stage.run("garbage", settings: ["kind": "forbidden"]) { message, session in
            if case .known(let question, _, _) = message { session.answer(question, false) }
        }
        #expect(!transcript.ranOutOfTime)
    }

    // MARK: What the worker is like

    @Test func `a worker's environment is clean`() async throws {
        let host = stage.host(
            try Fixtures.plugin("env_dump"), passing: ["ALLOWED", "ABSENT"],
            environment: [
                "ALLOWED": "yes", "SECRET_TOKEN": "hunter2", "LD_PRELOAD": "/x.so", "LD_LIBRARY_PATH": "/x",
                "HOME": "/root",
                "TZ": "Europe/Berlin", "LANG": "de_DE.UTF-8", "PATH": "/evil", "TMPDIR": "/evil",
                "SWIFT_BACKTRACE": "enable=yes",
            ])
        let transcript = try await stage.run(host)
        let content = try #require(transcript.document("environment")).content
        let lines = content.split(separator: "\n").map(String.init)
        let variables = Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), String(parts[1]))
            })
        #expect(Set(variables.keys) == ["PATH", "TZ", "LANG", "TMPDIR", "SWIFT_BACKTRACE", "ALLOWED"])
        #expect(variables["PATH"] == "/usr/local/bin:/usr/bin:/bin")
        #expect(
            variables["LANG"] == "de_DE.UTF-8" && variables["TZ"] == "Europe/Berlin" && variables["ALLOWED"] == "yes")
        #expect(variables["SWIFT_BACKTRACE"] == "enable=no")
        let temporary = try #require(variables["TMPDIR"])
        #expect(
            temporary != "/evil" && !FileManager.default.fileExists(atPath: temporary), "it is removed after the call")
    }

    @Test func `a worker inherits four descriptors and no other`() async throws {
        let leaked = open("/dev/null", O_RDONLY)  // without O_CLOEXEC, as some library may open one
        defer { close(leaked) }
        let transcript = try await stage.run("env_dump")
        let content = try #require(transcript.document("descriptors")).content
        let lines = content.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 2).map(String.init) }
        let inherited = lines.filter { $0[1] == "inherited" }
        #expect(inherited.map { $0[0] } == ["0", "1", "2", "3"])
        #expect(inherited.map { $0[2].split(separator: ":")[0] } == ["/dev/null", "pipe", "pipe", "socket"])
        #expect(lines.filter { $0[1] == "cloexec" }.allSatisfy { $0[2].hasPrefix("anon_inode:") })
    }

    @Test func `signals are at their defaults in a worker, whatever they are here`() async throws {
        let previous = signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, previous) }
        let transcript = try await stage.run("env_dump")
        #expect(transcript.document("signals")?.content == "")
    }

    @Test func `a worker leads its own group, has no core dumps, few threads and no more privileges`() async throws {
        let transcript = try await stage.run("env_dump")
        let process = try #require(transcript.document("process")).content
        #expect(process.contains("group_leader 1\n"))
        #expect(process.contains("main_thread 0\n"))
        #expect(process.contains("no_new_privileges 1\n"))
        let limits = try #require(transcript.document("limits")).content
        #expect(limits.contains("core 0\n") && limits.contains("threads 4096\n"), "\(limits)")
    }

    @Test func `the worker has no Swift runtime of its own`() throws {
        let needed = try Fixtures.output(of: "/usr/bin/readelf", ["-d", Fixtures.worker])
            .split(separator: "\n").filter { $0.contains("(NEEDED)") }
        #expect(!needed.isEmpty)
        #expect(
            needed.allSatisfy { !$0.contains("libswift") && !$0.contains("Foundation") && !$0.contains("libdispatch") })
        let system = ["libc.so", "libm.so", "libgcc_s.so", "libstdc++.so", "ld-linux"]
        #expect(needed.allSatisfy { line in system.contains { line.contains($0) } })
    }

    // MARK: Output

    @Test func `what a plugin prints becomes lines, bounded and as text`() async throws {
        let transcript = try await stage.run("stdout_noise", settings: ["lines": 1000])
        #expect(transcript.returned == .ok)
        #expect(transcript.ids == ["1", "2", "3"])
        let out = transcript.lines(isError: false)
        #expect(out.prefix(1000) == (1...1000).map { "noise on stdout \($0)" }[...])
        #expect(out.count == 1003)
        #expect(out.dropFirst(1000).first?.utf8.count == OutputLines.limit)
        #expect(out.last == "the last line has no end")
        #expect(
            transcript.lines(isError: true) == (1...1000).map { "noise on stderr \($0)" } + ["the last line has no end"]
        )
        #expect(
            transcript.exit.lastErrorLines == (997...1000).map { "noise on stderr \($0)" } + [
                "the last line has no end"
            ])
    }

    // MARK: Secrets

    @Test(arguments: [
        "hunter2-hunter2", #"with "quotes" and \backslash"#, "slash/and+plus and space", "ümlaut-é-😀", "per%cent",
        String(repeating: "long", count: 100),
    ])
    func `a secret reaches the plugin, and nothing that it says of it reaches people`(secret: String) async throws {
        let transcript = try await stage.run("secrets", settings: ["token": .string(secret)])
        #expect(transcript.returned == .ok)
        let settings = try #require(transcript.document("settings"))
        #expect(!settings.metadata.contains(secret) && !settings.metadata.contains("token"))
        let heard = transcript.messages.compactMap { message -> String? in
            if case .upsert = message { nil } else { "\(message)" }
        }
        for text in heard { #expect(!text.contains(secret), "\(text)") }
        let shown =
            transcript.lines(isError: false) + transcript.lines(isError: true) + transcript.logs
            + transcript.reports.map(\.message) + [transcript.failure?.message ?? ""]
        #expect(shown.count { $0.contains("The token is ***.") } == 5)
        #expect(transcript.progress.first?.message == "***")
        #expect(transcript.exit.lastErrorLines == ["The token is ***."])
    }

    // MARK: Frames

    @Test func `a worker that is given nonsense ends and says so`() throws {
        for bytes in [[0, 0, 0, 0], [255, 255, 255, 255, 1], [5, 0, 0, 0, 1, 9, 0, 0, 0], [1, 0, 0, 0, 77]] as [[UInt8]]
        {
            let worker = try WorkerProcess(executable: Fixtures.worker, environment: [:])
            _ = bytes.withUnsafeBytes { send(worker.socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            shutdown(worker.socket, CInt(SHUT_WR))
            #expect(worker.waitForEnd() == .exited(code: 2))
            ([worker.socket] + worker.outputs.map(\.descriptor)).forEach { close($0) }
        }
    }

    @Test func `random frames do not crash a worker`() throws {
        for _ in 0..<50 {
            let worker = try WorkerProcess(executable: Fixtures.worker, environment: [:])
            var payload = (0..<Int.random(in: 0..<200)).map { _ in UInt8.random(in: 0...3) }
            payload.replaceSubrange(0..<min(4, payload.count), with: [1, 0, 0, 0].prefix(payload.count))
            let frame = withUnsafeBytes(of: UInt32(payload.count + 1).littleEndian) { Array($0) } + [1] + payload
            _ = frame.withUnsafeBytes { send(worker.socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            shutdown(worker.socket, CInt(SHUT_WR))
            guard case .exited = worker.waitForEnd() else {
                Issue.record("a worker crashed at \(payload)")
                continue
            }
            ([worker.socket] + worker.outputs.map(\.descriptor)).forEach { close($0) }
        }
    }

    @Test func `a worker that is not there is an error with a hint`() {
        let failure = #expect(throws: RunFailure.self) {
            _ = try WorkerProcess(executable: "/nonexistent/integrationd-worker", environment: [:])
        }
        #expect(failure?.hint?.contains("beside integrationd") == true)
    }
}
