import PluginKit

/// Keeps the checkpoint of a run and offers it to the host. An actor, so that the host gets the
/// states in their order.
actor Journal {
    /// How tasks are fetched in this run.
    enum Mode: Sendable, Equatable {
        /// All of them.
        case enumeration
        /// Those that changed since.
        case changes(since: Int64)
    }

    /// ClickUp may show a change a little later than its date says.
    static let overlap: Int64 = 120_000
    /// A place in the listing of docs that another run left is good for so long: docs that changed
    /// meanwhile would be passed over.
    static let docsMarkAge: Int64 = 600_000

    private let call: ImportCall
    private var state: Checkpoint
    private var offered: [UInt8]?
    /// Asked to list everything, by a person or because it is due.
    nonisolated let mode: Mode
    /// What this run has not seen of a complete listing, an earlier one has.
    nonisolated let isContinuation: Bool
    /// When the listing of all tasks began that this run goes on with; this run otherwise.
    nonisolated let began: Int64
    /// What was stored before this time is known to be stored; nil: nothing is.
    nonisolated let storedUntil: Int64?
    nonisolated let isStanding: Bool
    nonisolated let queue: RemarkQueue

    /// - Parameter now: ClickUp's clock, or this machine's where that is not known.
    init(call: ImportCall, settings: Settings, now: Int64) {
        self.call = call
        let fingerprint = settings.selection.fingerprint
        let found = call.checkpoint.flatMap(Checkpoint.init)
        var state = found.flatMap { $0.selection == fingerprint ? $0 : nil } ?? Checkpoint(selection: fingerprint)
        isStanding = found?.selection == fingerprint
        offered = isStanding ? call.checkpoint : nil
        // What one run chose for itself is not gone on with by another.
        let isLasting = isStanding || settings.selection.only.isEmpty && settings.selection.since == nil
        queue = RemarkQueue(
            folder: isLasting ? call.dataFolder : call.tempFolder, selection: fingerprint, mark: state.queue)
        if queue.isLost { state = Checkpoint(selection: fingerprint) }
        storedUntil = call.isFullRefresh ? nil : state.until
        let isDue = Self.isDue(settings.sweep, last: state.swept, now: now)
        if let open = state.open, open.run != call.runID, isDue, settings.sweep == .now || !open.isEnumeration {
            state.open = nil
        }
        if let open = state.open {
            isContinuation = open.run != call.runID
            began = open.began
            mode = open.isEnumeration || state.until == nil ? .enumeration : .changes(since: state.until ?? 0)
        } else {
            isContinuation = false
            began = now
            mode = state.until.flatMap { isDue || call.isFullRefresh ? nil : .changes(since: $0) } ?? .enumeration
            state.open = Checkpoint.Open(run: call.runID, began: now, isEnumeration: mode == .enumeration)
        }
        self.state = state
    }

    private static func isDue(_ sweep: Settings.Sweep, last: Int64?, now: Int64) -> Bool {
        switch sweep {
        case .never: false
        case .now: true
        case .every(let interval): last.map { now - $0 >= interval } ?? true
        }
    }

    /// Where the listing of docs is gone on with, if it is.
    func docsMark(now: Int64) -> DocListing.Mark? {
        guard let mark = state.open?.docs else { return nil }
        return isContinuation && now - began > Self.docsMarkAge ? nil : mark
    }

    /// Lists that changed before an attempt at this run was cut short.
    var stale: Set<String> { Set(state.open?.stale ?? []) }

    // MARK: Offering

    private func offer() throws {
        var next = state
        next.queue = queue.mark
        let bytes = next.bytes
        // A checkpoint that is too large is done without: the import begins anew then.
        guard bytes != offered, bytes.count < 900_000 else { return }
        try call.offerCheckpoint(bytes)
        offered = bytes
    }
}

extension Journal {
    /// The walk of a listing from where it stood; nil: it has ended already.
    func resume(_ key: String, _ fresh: TaskWalk) -> (walk: TaskWalk, isResumed: Bool)? {
        guard let open = state.open, !open.finished.contains(key) else { return nil }
        guard let mark = open.walks[key] else { return (fresh, false) }
        var walk = fresh
        walk.resume(at: mark)
        return (walk, true)
    }

    /// Said before the page at `mark` is stored: should the run be cut short meanwhile, the next
    /// begins with this page, and none of its tasks is forgotten.
    func willStore(_ key: String, at mark: TaskWalk.Mark, _ remarks: [RemarkQueue.Entry]) throws {
        state.open?.walks[key] = mark
        try queue.append(remarks)
        try offer()
    }

    func saw(updated: Int64) {
        if let open = state.open, updated > open.newest { state.open?.newest = updated }
    }

    /// Shown with the next offer: the last page of a listing may be fetched twice.
    func finished(_ key: String) {
        state.open?.walks[key] = nil
        state.open?.finished.insert(key)
    }

    /// Said before the lists are stored with their new names and places.
    func willStore(stale: Set<String>) throws {
        state.open?.stale = stale.sorted()
        try offer()
    }

    func docsReached(_ mark: DocListing.Mark) throws {
        state.open?.docs = mark
        try offer()
    }

    /// Structure, docs and tasks are through; what is left is in the queue.
    ///
    /// - Parameters:
    ///   - hasAllTasks: no listing of tasks had a gap.
    ///   - isComplete: this run itself has seen all tasks.
    func firstPhaseEnded(hasAllTasks: Bool, isComplete: Bool) throws {
        guard let open = state.open else { return }
        if hasAllTasks {
            let reached = min(open.newest, open.began - Self.overlap)
            state.until = max(state.until ?? 0, reached, 0)
            if isComplete { state.swept = open.began }
        }
        state.open = nil
        try offer()
    }

    /// Docs or tasks were imported one by one: that moves nothing but the queue.
    func singlesEnded() throws {
        state.open = nil
        try offer()
    }

    func remarksReached() throws { try offer() }

    /// Nothing is left.
    func ended() throws { try offer() }
}
