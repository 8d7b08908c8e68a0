import Glibc
import PluginKit
import Synchronization

/// The tasks and lists whose comments and attachments are still to be fetched, in a file in the
/// plugin's data folder: the worker's memory does not grow with them, and they outlive it. Without
/// a folder, in memory.
///
/// What counts is the mark that the host keeps: what stands behind its end was written by an
/// attempt that was cut short, and is written over.
final class RemarkQueue: Sendable {
    struct Entry: Sendable, Equatable {
        enum Kind: String, Sendable { case task, list }

        var kind: Kind
        var id: String
        var name: String
    }

    private struct State {
        var mark: QueueMark
        var descriptor: Int32 = -1
        var memory: [UInt8] = []
    }

    private let folder: String
    private let selection: String
    private let state: Mutex<State>
    /// The file that the mark speaks of is not there, or is shorter than that.
    let isLost: Bool

    init(folder: String, selection: String, mark: QueueMark?) {
        self.folder = folder
        self.selection = selection
        var state = State(mark: mark ?? QueueMark())
        var isLost = false
        if !folder.isEmpty, mark != nil {
            state.descriptor = Glibc.open(Self.path(folder, selection, state.mark.file), O_RDWR | O_CLOEXEC)
            let size = state.descriptor < 0 ? -1 : lseek(state.descriptor, 0, SEEK_END)
            if size < state.mark.size {
                isLost = true
                if state.descriptor >= 0 { Glibc.close(state.descriptor) }
                state = State(mark: QueueMark())
            }
        } else if mark != nil {
            isLost = true
            state = State(mark: QueueMark())
        }
        self.isLost = isLost
        self.state = Mutex(state)
    }

    deinit {
        state.withLock { if $0.descriptor >= 0 { _ = Glibc.close($0.descriptor) } }
    }

    private static func path(_ folder: String, _ selection: String, _ file: Int64) -> String {
        "\(folder)/remarks-\(selection)-\(file)"
    }

    /// nil: nothing is left.
    var mark: QueueMark? { state.withLock { $0.mark.isEmpty ? nil : $0.mark } }

    func append(_ entries: [Entry]) throws {
        guard !entries.isEmpty else { return }
        let bytes = entries.flatMap(\.line)
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
                Self.path(folder, selection, state.mark.file), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                pwrite(state.descriptor, $0.baseAddress, $0.count, off_t(state.mark.size) + off_t(written))
            }
            guard count > 0 else {
                throw PluginError(
                    .transient, code: "internal",
                    message: "The list of comments to fetch cannot be written: \(String(cString: strerror(errno))).")
            }
            written += count
        }
    }

    // MARK: Reading

    /// Entries from the byte `offset` on, each with the byte after it, and where the next ones begin.
    func read(from offset: Int64) throws -> (entries: [(entry: Entry, end: Int64)], next: Int64) {
        let bytes = state.withLock { state -> [UInt8] in
            let size = min(65_536, Int(state.mark.size - offset))
            guard size > 0 else { return [] }
            guard !folder.isEmpty else { return Array(state.memory[Int(offset)..<Int(offset) + size]) }
            var bytes = [UInt8](repeating: 0, count: size)
            let count = pread(state.descriptor, &bytes, size, off_t(offset))
            return Array(bytes.prefix(max(0, count)))
        }
        guard !bytes.isEmpty else { return ([], offset) }
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
            throw PluginError(.transient, code: "internal", message: "The list of comments to fetch cannot be read.")
        }
        var entries: [(entry: Entry, end: Int64)] = []
        for line in bytes[...end].split(separator: UInt8(ascii: "\n")) {
            if let entry = Entry(line: Array(line)) { entries.append((entry, offset + Int64(line.endIndex) + 1)) }
        }
        return (entries, offset + Int64(end) + 1)
    }

    /// Everything before the byte `offset` is done.
    func done(upTo offset: Int64, count: Int) {
        state.withLock {
            $0.mark.offset = offset
            $0.mark.done += Int64(count)
        }
    }

    /// Nothing is left but these, which the next import tries again. The file of before is needed
    /// until the host has the new mark; then `sweepUp` removes it.
    func end(leaving entries: [Entry]) throws {
        state.withLock { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state = State(mark: QueueMark(file: state.mark.file + 1))
        }
        try append(entries)
    }

    /// Removes the files of this selection that no mark speaks of any more.
    func sweepUp() {
        let current = state.withLock { $0.mark.file }
        guard !folder.isEmpty, current > 0 else { return }
        for file in max(0, current - 8)..<current { unlink(Self.path(folder, selection, file)) }
    }
}

/// How far a queue is written and done.
struct QueueMark: Sendable, Equatable {
    /// Which file, counted up.
    var file: Int64 = 0
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
        guard let numbers = json.array?.compactMap(\.integer), numbers.count == 5, numbers.allSatisfy({ $0 >= 0 })
        else { return nil }
        self.init(file: numbers[0], size: numbers[1], offset: numbers[2], count: numbers[3], done: numbers[4])
    }

    var json: JSONValue { .array([file, size, offset, count, done].map { JSONValue($0) }) }
}

extension RemarkQueue.Entry {
    /// A JSON array on a line of its own.
    fileprivate var line: [UInt8] {
        JSONValue.array([.string(kind.rawValue), .string(id), .string(name)]).utf8 + [UInt8(ascii: "\n")]
    }

    fileprivate init?(line: [UInt8]) {
        guard let parts = try? JSONValue(parsing: line).array, parts.count == 3,
            let kind = parts[0].string.flatMap(Kind.init(rawValue:)), let id = parts[1].string,
            let name = parts[2].string
        else { return nil }
        self.init(kind: kind, id: id, name: name)
    }
}
