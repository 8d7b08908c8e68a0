import Glibc
import PluginKit
import Synchronization

/// What a queue holds: it goes into a line of its own as JSON, and comes back from it.
protocol QueueEntry: Sendable {
    init?(queued: JSONValue)
    var queued: JSONValue { get }
}

/// Work that is still to be done, in a file in the plugin's data folder: the worker's memory does not
/// grow with it, and it outlives the worker. Without a folder, in memory.
///
/// What counts is the mark that the host keeps: what stands behind its end was written by an
/// attempt that was cut short, and is written over.
final class WorkQueue<Item: QueueEntry>: Sendable {
    typealias Entry = Item

    private struct State {
        var mark: QueueMark
        var descriptor: Int32 = -1
        var memory: [UInt8] = []
    }

    private let folder: String
    private let name: String
    /// Files of this kind of queue begin with it.
    private var prefix: String { name + "-" }
    private let state: Mutex<State>
    /// The file that the mark speaks of is not there, or is shorter than that.
    let isLost: Bool

    /// - Parameters:
    ///   - name: of this kind of queue.
    ///   - mark: nil: nothing is left from before, and what comes goes into a file of this run.
    ///   - run: names that file.
    init(folder: String, name: String, run: String, mark: QueueMark?) {
        self.folder = folder
        self.name = name
        var state = State(mark: mark ?? QueueMark(file: run))
        var isLost = false
        if let mark {
            state.descriptor =
                folder.isEmpty ? -1 : Glibc.open(Self.path(folder, "\(name)-\(mark.file)"), O_RDWR | O_CLOEXEC)
            let size = state.descriptor < 0 ? 0 : Int64(lseek(state.descriptor, 0, SEEK_END))
            if size < mark.size || !Self.endsLine(state.descriptor, at: mark.size) {
                isLost = true
                if state.descriptor >= 0 { Glibc.close(state.descriptor) }
                state = State(mark: QueueMark(file: run))
            }
        }
        self.isLost = isLost
        self.state = Mutex(state)
    }

    /// After a power cut a file may have its length and not its bytes.
    private static func endsLine(_ descriptor: Int32, at size: Int64) -> Bool {
        var last: UInt8 = 0
        return size == 0 || pread(descriptor, &last, 1, off_t(size - 1)) == 1 && last == UInt8(ascii: "\n")
    }

    deinit {
        state.withLock { if $0.descriptor >= 0 { _ = Glibc.close($0.descriptor) } }
    }

    private static func path(_ folder: String, _ file: String) -> String {
        // The name may come from a checkpoint: it must not lead out of the folder.
        "\(folder)/\(ClickUpClient.escape(file))"
    }

    /// nil: nothing is left.
    var mark: QueueMark? { state.withLock { $0.mark.isEmpty ? nil : $0.mark } }

    /// As `mark`, also where nothing is left yet.
    var position: QueueMark { state.withLock { $0.mark } }

    func append(_ entries: [Entry]) throws {
        guard !entries.isEmpty else { return }
        let bytes = entries.flatMap { $0.queued.utf8 + [UInt8(ascii: "\n")] }
        try state.withLock { state in
            try write(bytes, &state)
            state.mark.size += Int64(bytes.count)
            state.mark.count += Int64(entries.count)
        }
    }

    private func write(_ bytes: [UInt8], _ state: inout State) throws {
        guard !folder.isEmpty else {
            state.memory.removeLast(max(0, state.memory.count - Int(state.mark.size)))
            return state.memory.append(contentsOf: bytes)
        }
        if state.descriptor < 0 {
            state.descriptor = Glibc.open(
                Self.path(folder, prefix + state.mark.file), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                pwrite(state.descriptor, $0.baseAddress, $0.count, off_t(state.mark.size) + off_t(written))
            }
            guard count > 0 else {
                throw PluginError(
                    .transient, code: "internal",
                    message:
                        "The list of what is still to be fetched cannot be written: \(String(cString: strerror(errno)))."
                )
            }
            written += count
        }
    }

    // MARK: Reading

    /// Entries from the byte `offset` on, each with the byte after it, and where the next ones begin.
    func read(from offset: Int64) throws -> (entries: [(entry: Entry, end: Int64)], next: Int64) {
        var limit = 65_536
        while true {
            let bytes = bytes(from: offset, atMost: limit)
            guard !bytes.isEmpty else { return ([], offset) }
            if let end = bytes.lastIndex(of: UInt8(ascii: "\n")) {
                return (Self.entries(in: bytes[...end], from: offset), offset + Int64(end) + 1)
            }
            guard bytes.count == limit else {
                throw PluginError(
                    .transient, code: "internal", message: "The list of what is still to be fetched cannot be read.")
            }
            limit *= 2
        }
    }

    private func bytes(from offset: Int64, atMost limit: Int) -> [UInt8] {
        state.withLock { state in
            let size = min(limit, Int(state.mark.size - offset))
            guard size > 0 else { return [] }
            guard !folder.isEmpty else { return Array(state.memory[Int(offset)..<Int(offset) + size]) }
            var bytes = [UInt8](repeating: 0, count: size)
            let count = pread(state.descriptor, &bytes, size, off_t(offset))
            return Array(bytes.prefix(max(0, count)))
        }
    }

    private static func entries(in lines: ArraySlice<UInt8>, from offset: Int64) -> [(entry: Entry, end: Int64)] {
        lines.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let value = try? JSONValue(parsing: Array(line)), let entry = Entry(queued: value) else { return nil }
            return (entry, offset + Int64(line.endIndex) + 1)
        }
    }

    /// Everything before the byte `offset` is done.
    func done(upTo offset: Int64, count: Int) {
        state.withLock {
            $0.mark.offset = offset
            $0.mark.done += Int64(count)
        }
    }

    /// Nothing is left but these, which the next import tries again.
    func end(leaving entries: [Entry]) throws {
        try replace { try $0.append(entries) }
    }

    /// Nothing is left but what `write` puts into the queue that it is given, while this one can still be read. The
    /// file of before stays until the host has the new mark.
    func replace(_ write: (WorkQueue) throws -> Void) throws {
        // Two names by turns: with one more letter each time they would come to be too long.
        let file = position.file
        let other = file.hasSuffix("+") ? String(file.dropLast()) : file + "+"
        let next = WorkQueue(folder: folder, name: name, run: other, mark: nil)
        try write(next)
        let new = next.state.withLock { state in
            defer { state.descriptor = -1 }
            return state
        }
        state.withLock { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state = new
        }
    }

    /// Nobody will go on with it.
    func discard() {
        let file = state.withLock { $0.mark.file }
        guard !folder.isEmpty else { return }
        let other = String(file.prefix { $0 != "+" })
        for name in [other, other + "+"] { unlink(Self.path(folder, prefix + name)) }
    }

    /// Removes all files but the one in use: one import runs at a time, and what another has left
    /// is of no use to it any more.
    func sweepUp() {
        guard !folder.isEmpty, let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        let current = ClickUpClient.escape(prefix + state.withLock { $0.mark.file })
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(prefix), name != current { unlink("\(folder)/\(name)") }
        }
    }
}

/// How far a queue is written and done.
struct QueueMark: Sendable, Equatable {
    /// Which file.
    var file: String
    /// In bytes.
    var size: Int64 = 0
    var offset: Int64 = 0
    /// In entries.
    var count: Int64 = 0
    var done: Int64 = 0

    var isEmpty: Bool { offset >= size }
}

extension QueueMark {
    init?(_ json: JSONValue) {
        guard let file = json["file"]?.string, let numbers = json["at"]?.array?.compactMap(\.integer),
            numbers.count == 4, numbers.allSatisfy({ $0 >= 0 })
        else { return nil }
        self.init(file: file, size: numbers[0], offset: numbers[1], count: numbers[2], done: numbers[3])
    }

    var json: JSONValue {
        ["file": .string(file), "at": .array([size, offset, count, done].map { JSONValue($0) })]
    }
}
