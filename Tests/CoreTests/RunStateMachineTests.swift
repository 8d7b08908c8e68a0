import Core
import Testing

/// Nothing here waits: time is whatever the test says it is.
@Suite struct RunStateMachineTests {
    private let start = ContinuousClock.now

    private func machine(timeout: Duration? = .seconds(100), stalled: Duration = .seconds(10)) -> RunStateMachine {
        RunStateMachine(
            limits: .init(timeout: timeout, stalledAfter: stalled, cancelGrace: .seconds(5)), startedAt: start)
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `silence is asked to end after a while, not before`() {
        var machine = machine()
        #expect(machine.nextDeadline == at(10))
        #expect(machine.tick(at: at(9.999)) == nil)
        #expect(machine.stopReason == nil)
        #expect(machine.tick(at: at(10)) == .cancel)
        #expect(machine.stopReason == .stalled)
    }

    @Test func `every word puts the end of patience off`() {
        var machine = machine()
        for second in 1...50 { machine.heard(at: at(Double(second))) }
        #expect(machine.nextDeadline == at(60))
        #expect(machine.tick(at: at(59)) == nil)
    }

    @Test func `a run that talks for ever still has a timeout`() {
        var machine = machine()
        machine.heard(at: at(99))
        #expect(machine.nextDeadline == at(100))
        #expect(machine.tick(at: at(100)) == .cancel)
        #expect(machine.stopReason == .timeout)
    }

    @Test func `without a timeout only silence counts`() {
        var machine = machine(timeout: nil)
        machine.heard(at: at(1_000_000))
        #expect(machine.nextDeadline == at(1_000_010))
        #expect(machine.tick(at: at(1_000_009)) == nil)
    }

    @Test func `when both have passed it is the timeout`() {
        var machine = machine()
        #expect(machine.tick(at: at(5000)) == .cancel)
        #expect(machine.stopReason == .timeout)
    }

    // MARK: Waiting

    @Test func `who waits does not stall until the announced time and a while more`() {
        var machine = machine()
        machine.waits(until: at(60), at: at(1))
        #expect(machine.isWaiting)
        #expect(machine.nextDeadline == at(70))
        #expect(machine.tick(at: at(69)) == nil)
        #expect(machine.tick(at: at(70)) == .cancel)
        #expect(machine.stopReason == .stalled)
    }

    @Test func `waiting does not put the timeout off`() {
        var machine = machine()
        machine.waits(until: at(100_000), at: at(1))
        #expect(machine.nextDeadline == at(100))
        #expect(machine.tick(at: at(100)) == .cancel)
        #expect(machine.stopReason == .timeout)
    }

    @Test func `who goes on stalls as before`() {
        var machine = machine()
        machine.waits(until: at(60), at: at(1))
        machine.waits(until: nil, at: at(2))
        #expect(!machine.isWaiting)
        #expect(machine.nextDeadline == at(12))
    }

    @Test func `who talks after its wait, without saying that it is over, does not stall`() {
        var machine = machine(timeout: nil)
        machine.waits(until: at(5), at: at(1))
        for second in 6...40 {
            machine.heard(at: at(Double(second)))
            #expect(machine.tick(at: at(Double(second))) == nil)
        }
        #expect(machine.nextDeadline == at(50))
    }

    @Test func `a wait until the end of time neither crashes nor hides the timeout`() {
        var machine = machine()
        machine.waits(until: start + .milliseconds(Int64.max), at: at(1))
        #expect(machine.nextDeadline == at(100))
        var patient = self.machine(timeout: nil)
        patient.waits(until: start + .milliseconds(Int64.max), at: at(1))
        #expect(patient.tick(at: at(1_000_000)) == nil)
    }

    @Test func `a wait until long ago is silence from now on`() {
        var machine = machine()
        machine.waits(until: at(-1000), at: at(1))
        #expect(machine.nextDeadline >= at(10))
        #expect(machine.tick(at: at(1)) == nil)
    }

    // MARK: Stopping

    @Test func `who does not stop is asked, then told, then killed, then left behind`() {
        var machine = machine()
        #expect(machine.stop(.cancelled, at: at(1)) == .cancel)
        #expect(machine.nextDeadline == at(6))
        #expect(machine.tick(at: at(5.9)) == nil)
        #expect(machine.tick(at: at(6)) == .terminate)
        #expect(machine.tick(at: at(7)) == nil)
        #expect(machine.tick(at: at(8)) == .kill)
        #expect(machine.tick(at: at(10)) == .abandon)
        #expect(machine.tick(at: at(12)) == nil)
        #expect(machine.tick(at: at(100_000)) == nil)
    }

    @Test func `each measure is taken once, however often the clock is looked at`() {
        var machine = machine()
        _ = machine.stop(.cancelled, at: start)
        var taken: [RunStateMachine.Action] = []
        for tenth in 0..<1000 {
            if let action = machine.tick(at: at(Double(tenth) / 10)) { taken.append(action) }
        }
        #expect(taken == [.terminate, .kill, .abandon])
    }

    @Test func `who is asked to stop is not saved by talking or by waiting`() {
        var machine = machine()
        _ = machine.stop(.cancelled, at: start)
        machine.heard(at: at(4))
        machine.waits(until: at(1000), at: at(4))
        #expect(!machine.isWaiting)
        #expect(machine.tick(at: at(5)) == .terminate)
    }

    @Test func `the first reason counts`() {
        var machine = machine()
        #expect(machine.stop(.cancelled, at: at(1)) == .cancel)
        #expect(machine.stop(.shutdown, at: at(2)) == nil)
        #expect(machine.stop(.failure(RunFailure(.storeFailed, "x")), at: at(3)) == nil)
        _ = machine.tick(at: at(500))
        #expect(machine.stopReason == .cancelled)
    }

    @Test func `a stop cuts a wait short`() {
        var machine = machine()
        machine.waits(until: at(90), at: at(1))
        #expect(machine.stop(.shutdown, at: at(2)) == .cancel)
        #expect(machine.nextDeadline == at(7))
    }

    @Test func `a clock that is never before the deadline leads to an action or to a later deadline`() {
        for _ in 0..<2000 {
            var machine = machine(
                timeout: Bool.random() ? nil : .seconds(.random(in: 0...20)), stalled: .seconds(.random(in: 0...10)))
            var now = start
            for _ in 0..<30 {
                switch Int.random(in: 0..<5) {
                case 0: machine.heard(at: now)
                case 1: machine.waits(until: now + .seconds(.random(in: -5...50)), at: now)
                case 2: machine.waits(until: nil, at: now)
                case 3: _ = machine.stop(.cancelled, at: now)
                default: now = max(now, machine.nextDeadline)
                }
                let deadline = machine.nextDeadline
                let action = machine.tick(at: now)
                #expect(action == nil || now >= deadline)
                #expect(action != nil || machine.nextDeadline > now || machine.nextDeadline >= deadline)
                now += .milliseconds(.random(in: 0...500))
            }
        }
    }
}
