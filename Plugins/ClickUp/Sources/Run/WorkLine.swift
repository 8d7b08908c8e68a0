/// Which entries of the queue are under way: they end in any order, and done is what everything
/// before is done of.
struct WorkLine<Entry: QueueEntry> {
    /// Everything before this byte is done, and how many entries that are since it was asked last.
    var reached: (offset: Int64, count: Int)
    private(set) var endedCount = 0
    private var waiting: [(entry: Entry, end: Int64)] = []
    private var position: Int64
    private var started: [(end: Int64, isDone: Bool)] = []
    /// The number of the first of `started`.
    private var first = 0

    init(_ mark: QueueMark) {
        position = mark.offset
        reached = (mark.offset, 0)
    }

    /// - Returns: also where it ends in the queue.
    mutating func next(of queue: WorkQueue<Entry>) throws -> (number: Int, entry: Entry, end: Int64)? {
        if waiting.isEmpty {
            let (entries, next) = try queue.read(from: position)
            waiting = entries.reversed()
            position = next
        }
        guard let (entry, end) = waiting.popLast() else { return nil }
        started.append((end, false))
        return (first + started.count - 1, entry, end)
    }

    mutating func ended(_ number: Int) {
        endedCount += 1
        started[number - first].isDone = true
        let done = started.prefix { $0.isDone }
        guard let last = done.last else { return }
        reached = (last.end, reached.count + done.count)
        first += done.count
        started.removeFirst(done.count)
    }
}
