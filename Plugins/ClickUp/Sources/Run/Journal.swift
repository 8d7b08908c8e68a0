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
    private var standing: StandingCheckpoint
    private var isAnnounced: Bool
    /// The checkpoint tells of an import that has not ended.
    nonisolated let wasOpen: Bool
    /// Asked to list everything, by a person or because it is due.
    nonisolated let mode: Mode
    /// What this run has not seen of a complete listing, an earlier one has.
    nonisolated let isContinuation: Bool
    /// When the listing of all tasks began that this run goes on with; this run otherwise.
    nonisolated let began: Int64
    /// What was stored before this time is known to be stored; nil: nothing is.
    nonisolated let storedUntil: Int64?
    /// Lists whose tasks are stored with all that hangs on them; nil: not known.
    nonisolated let knownLists: Set<String>?
    /// An attempt at this run has done everything but the queue.
    nonisolated let hasPassed: Bool
    /// Tasks and lists whose comments another run was cut before.
    nonisolated let leftRemarks: Int
    /// It goes on where an import of the same extent has ended or was left.
    nonisolated let isStanding: Bool
    /// Everything is fetched, also what seems to be stored.
    nonisolated let isFull: Bool
    nonisolated let queue: RemarkQueue
    /// Docs that are listed and not imported yet.
    nonisolated let docs: WorkQueue<Doc>
    /// Where docs are gone on with; nil: from the beginning.
    nonisolated let docsMark: DocsMark?

    /// - Parameter now: ClickUp's clock, or this machine's where that is not known.
    init(call: ImportCall, settings: Settings, now: Int64) {
        self.call = call
        let fingerprint = settings.selection.fingerprint
        standing = StandingCheckpoint(call, of: settings.selection)
        let found = standing.found
        var state = found.flatMap { $0.selection == fingerprint ? $0 : nil } ?? Checkpoint(selection: fingerprint)
        let isOurs = found?.selection == fingerprint
        isStanding = isOurs && !settings.selection.isRunsOwn
        let isFull = call.isFullRefresh || isOurs && state.open?.isFull == true
        self.isFull = isFull
        queue = RemarkQueue(folder: call.dataFolder, name: "remarks", run: call.runID, mark: state.queue)
        if queue.isLost { state = Checkpoint(selection: fingerprint) }
        storedUntil = isFull ? nil : state.until
        knownLists = state.lists
        hasPassed = state.passed == call.runID
        let wasCut = state.passed.map { $0 != call.runID } ?? false
        leftRemarks = wasCut ? queue.mark.map { Int($0.count - $0.done) } ?? 0 : 0
        // Only in its own run it is known which comments were seen on the pages before.
        if !hasPassed { state.pages = [:] }
        let isDue = !hasPassed && Self.isDue(settings.sweep, last: state.swept, now: now)
        if let open = state.open, open.run != call.runID, isDue, settings.sweep == .now || !open.isEnumeration {
            state.open = nil
        }
        let since = state.until
        wasOpen = state.open != nil
        isAnnounced = wasOpen
        if let open = state.open {
            isContinuation = open.run != call.runID
            began = open.began
            mode = since.flatMap { open.isEnumeration ? nil : .changes(since: $0) } ?? .enumeration
        } else {
            isContinuation = false
            began = now
            let mode = since.flatMap { isDue || isFull ? nil : Mode.changes(since: $0) } ?? .enumeration
            self.mode = mode
            if !hasPassed {
                state.open = Checkpoint.Open(
                    run: call.runID, began: now, isEnumeration: mode == .enumeration, isFull: isFull)
            }
        }
        let age = now - began
        let mark = isContinuation && age > Self.docsMarkAge ? nil : state.open?.docs
        docs = WorkQueue(folder: call.dataFolder, name: "docs", run: call.runID, mark: mark?.queue)
        docsMark = docs.isLost ? nil : mark
        self.state = state
    }

    private static func isDue(_ sweep: Settings.Sweep, last: Int64?, now: Int64) -> Bool {
        switch sweep {
        case .never: false
        case .now: true
        case .every(let interval): last.map { now - $0 >= interval } ?? true
        }
    }

    /// From when on tasks have to have changed to be fetched; nil: all are listed. Of a choice by date `mode`
    /// says nothing.
    nonisolated func since(_ selection: Selection) -> Int64? {
        switch mode {
        case .enumeration: nil
        case .changes(let since): max(since, selection.since ?? since)
        }
    }

    /// Lists that changed before an attempt at this run was cut short.
    var stale: Set<String> { Set(state.open?.stale ?? []) }

    /// Removes files that no import goes on with. A narrowed run leaves those of the others alone.
    func sweepUp() {
        guard !standing.isOfNarrowedRun else { return }
        queue.sweepUp()
        docs.sweepUp()
    }

    // MARK: Offering

    /// The host stores it, with all documents before it, before it answers what it is asked next: the reservation
    /// that goes before each request. So no page is asked for while the one before it may still be lost.
    private func offer() throws {
        var next = state
        next.queue = queue.mark
        try standing.offer(next)
    }
}

extension Journal {
    /// The walk of a listing from where it stood; nil: it has ended already. `isResumed`: its next
    /// page may have been stored, in part or in whole, by an attempt that was cut short.
    func resume(_ key: String, _ fresh: TaskWalk) -> (walk: TaskWalk, isResumed: Bool)? {
        guard let open = state.open, !open.finished.contains(key) else { return nil }
        var walk = fresh
        if let mark = open.walks[key] { walk.resume(at: mark) }
        return (walk, wasOpen)
    }

    /// Said before a page is stored. The first time it leaves word that an import is under way: should
    /// that be cut short, the next attempt takes nothing on trust, and none of these is forgotten.
    func willStore(_ remarks: [Remarked]) throws {
        try queue.append(remarks)
        guard !isAnnounced else { return }
        isAnnounced = true
        try offer()
    }

    /// Everything before `mark` is stored.
    ///
    func reached(_ key: String, _ mark: TaskWalk.Mark) throws {
        state.open?.walks[key] = mark
        try offer()
    }

    func saw(updated: Int64) {
        if let open = state.open, updated > open.newest { state.open?.newest = updated }
    }

    /// Shown with the next offer: of this listing the last page may be fetched twice.
    func finished(_ key: String) {
        state.open?.walks[key] = nil
        state.open?.finished.insert(key)
    }

    /// Said before lists or chats are stored where everything is, of all whose comments are to be fetched;
    /// shown with the next offer. What an attempt before has queued is not queued again.
    ///
    /// - Parameter key: names them in checkpoints.
    func willStore(all remarks: [Remarked], key: String) throws {
        guard !remarks.isEmpty, state.open?.finished.insert(key).inserted == true else { return }
        try queue.append(remarks)
    }

    /// Said before chats are stored that the host does not know yet: should the import be cut short then, it
    /// will, and the next attempt has to find them in the queue.
    func willStore(new chats: [Remarked]) throws {
        guard !chats.isEmpty else { return }
        try queue.append(chats)
        try offer()
    }

    /// Said before lists are stored with their new names and places.
    ///
    /// - Parameter new: those of them that no attempt before has said, as far as their comments are fetched.
    func willStore(stale: Set<String>, _ new: [Remarked]) throws {
        try queue.append(new)
        state.open?.stale = stale.sorted()
        try offer()
    }

    /// Everything before `listing` is in the queue of docs; nil: all of the listing is.
    func docsReached(_ listing: DocListing.Mark?) throws {
        state.open?.docs = DocsMark(listing: listing, queue: docs.position)
        try offer()
    }

    /// Structure, docs and tasks are through; what is left is in the queue.
    ///
    /// - Parameters:
    ///   - hasAllTasks: no listing of tasks had a gap.
    ///   - isComplete: this run itself has seen all tasks.
    ///   - structure: what of the workspace could be listed.
    func firstPhaseEnded(hasAllTasks: Bool, isComplete: Bool, _ structure: Structure) throws {
        guard let open = state.open else { return }
        if hasAllTasks {
            let before = structure.hasGaps ? state.lists ?? [] : []
            state.lists = before.union(structure.lists.map(\.id))
        }
        if hasAllTasks {
            let reached = min(open.newest, open.began - Self.overlap)
            state.until = max(state.until ?? 0, reached, 0)
            if isComplete { state.swept = open.began }
        }
        try pass()
    }

    /// Docs or tasks were imported one by one: that moves nothing but the queue.
    func singlesEnded() throws { try pass() }

    private func pass() throws {
        state.open = nil
        try queue.spread()
        // A run that had nothing to do leaves what was there before, byte by byte.
        let hasWorked = queue.mark != nil || standing.hasOffered || standing.isOfNarrowedRun
        state.passed = hasWorked ? call.runID : nil
        try offer()
        docs.discard()
    }

    /// Everything in the queue before the byte `offset` is done.
    func remarksReached(_ offset: Int64) throws {
        state.pages = state.pages.filter { $0.key > offset }
        try offer()
    }

    /// Where the comments of an entry are gone on with; nil: from the first page.
    func commentMark(of end: Int64) -> CommentMark? { state.pages[end] }

    /// All comments up to there are stored.
    func commentsReached(_ mark: CommentMark, of end: Int64) throws {
        state.pages[end] = mark
        try offer()
    }

    /// Nothing is left but what is tried again.
    func ended() throws {
        // Else it would begin anew if it were cut short before the host has noted its end.
        if state.passed == call.runID { state.ended = call.runID }
        (state.passed, state.pages) = (nil, [:])
        try offer()
        if standing.isOfNarrowedRun { queue.discard() }
    }
}
