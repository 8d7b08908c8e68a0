import Core
import Engine
import Synchronization
import Testing

/// Time that passes when somebody waits for it.
private final class FakeTime: Sendable {
    private let state: Mutex<(now: Timestamp, sleeps: Int)>
    private let limit: Int

    /// - Parameter sleeps: after so many the task is taken for cancelled.
    init(at seconds: Int64, sleeps limit: Int) {
        state = Mutex((Timestamp(milliseconds: seconds * 1_000), 0))
        self.limit = limit
    }

    var now: Timestamp { state.withLock { $0.now } }

    func sleep(_ duration: Duration) throws {
        try state.withLock { state in
            guard state.sleeps < limit else { throw CancellationError() }
            state.sleeps += 1
            state.now = state.now + duration
        }
    }
}

@Suite struct ScheduledImportsTests {
    private static func table(
        overlap: Timetable.Overlap = .skip, catchesUp: Bool = true
    ) -> Timetable {
        Timetable(.every(.seconds(600)), jitter: .zero, overlap: overlap, catchesUp: catchesUp, seed: "")
    }

    private func follow(_ table: Timetable, _ bench: Workbench, _ time: FakeTime) async {
        await ScheduledImports(bench.scheduler, now: { time.now }, sleep: { try time.sleep($0) })
            .follow(table, of: Workbench.integration())
    }

    private func runs(_ bench: Workbench) -> [Run] {
        bench.storage.current.runs.values.sorted { $0.id.description < $1.id.description }
    }

    /// Waits until no run is active.
    private func idle(_ bench: Workbench) async {
        for run in bench.scheduler.activeRuns { await run.log.waitForEnd() }
    }

    @Test func `imports begin when they are due, asked for by the schedule`() async {
        let bench = Workbench()
        await follow(Self.table(overlap: .queue), bench, FakeTime(at: 100, sleeps: 3))
        await idle(bench)
        #expect(runs(bench).map(\.requestedBy) == ["schedule", "schedule", "schedule"])
    }

    @Test func `a long time is slept in pieces, for clocks that are set`() async {
        let bench = Workbench()
        let table = Timetable(.every(.seconds(3 * 3_600)), jitter: .zero, seed: "")
        await follow(table, bench, FakeTime(at: 1, sleeps: 2))
        #expect(runs(bench).isEmpty)
        await follow(table, bench, FakeTime(at: 1, sleeps: 3))
        await idle(bench)
        #expect(runs(bench).count == 1)
    }

    /// A run of the integration that began so many seconds after 1970 and has ended.
    private func earlierRun(at seconds: Int64, _ options: RunOptions = RunOptions(), in bench: Workbench) {
        var run = Run(
            id: RunID(at: Timestamp(milliseconds: seconds * 1_000)), integration: "clickup", tenant: .default,
            createdAt: Timestamp(milliseconds: seconds * 1_000), requestedBy: "schedule")
        run.status = .succeeded
        run.options = options
        let ended = run
        bench.storage.change { $0.runs[ended.id] = ended }
    }

    @Test(arguments: [(590, 1), (601, 0)])
    func `what was due while the daemon was not there is made up for once`(last: Int, caughtUp: Int) async {
        let bench = Workbench()
        earlierRun(at: Int64(last), in: bench)
        await follow(Self.table(), bench, FakeTime(at: 1_100, sleeps: 0))
        await idle(bench)
        #expect(runs(bench).count == 1 + caughtUp)
    }

    @Test(arguments: [(590, 1), (601, 0)])
    func `a narrowed run is no import that was due`(whole: Int, caughtUp: Int) async {
        let bench = Workbench()
        var narrowed = RunOptions()
        narrowed.settings = ["doc_ids": ["1"]]
        earlierRun(at: Int64(whole), in: bench)
        earlierRun(at: 1_000, narrowed, in: bench)
        await follow(Self.table(), bench, FakeTime(at: 1_100, sleeps: 0))
        await idle(bench)
        #expect(runs(bench).count == 2 + caughtUp)
    }

    @Test func `nothing is made up for where that is not wanted, or where nothing ever ran`() async {
        let unwanted = Workbench()
        earlierRun(at: 1, in: unwanted)
        await follow(Self.table(catchesUp: false), unwanted, FakeTime(at: 90_000, sleeps: 0))
        #expect(runs(unwanted).count == 1)
        let fresh = Workbench()
        await follow(Self.table(), fresh, FakeTime(at: 90_000, sleeps: 0))
        #expect(runs(fresh).isEmpty)
    }

    @Test func `an import that is due while another goes on is left out`() async throws {
        let bench = Workbench { _, _ in }
        let (run, _) = try await bench.start()
        await follow(Self.table(), bench, FakeTime(at: 100, sleeps: 3))
        #expect(runs(bench).count == 1)
        bench.launcher.launchedSessions.first?.returns(.ok)
        await run.log.waitForEnd()
    }

    @Test func `or begins when the other one ends`() async throws {
        let bench = Workbench { session, attempt in
            if attempt > 1 { session.returns(.ok) }
        }
        let (run, _) = try await bench.start()
        var sessions = bench.launcher.sessions.makeAsyncIterator()
        async let followed: Void = follow(Self.table(overlap: .queue), bench, FakeTime(at: 100, sleeps: 1))
        await sessions.next()?.returns(.ok)
        await run.log.waitForEnd()
        await followed
        await idle(bench)
        #expect(runs(bench).map(\.requestedBy) == ["test", "schedule"])
    }
}
