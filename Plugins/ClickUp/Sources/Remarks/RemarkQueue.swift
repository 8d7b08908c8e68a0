import Glibc
import PluginKit
import Synchronization

/// The tasks whose comments and attachments are still to be fetched, in a file in the
/// plugin's data folder: the worker's memory does not grow with them, and they outlive it. Without
/// a folder, in memory.
///
/// What counts is the mark that the host keeps: what stands behind its end was written by an
/// attempt that was cut short, and is written over.
final class RemarkQueue: Sendable {
    struct Entry: Sendable, Equatable {
        var id: String
        var name: String
    }

    private struct State {
        var mark: QueueMark
        var descriptor: Int32 = -1
        var memory: [UInt8] = []
    }

    private let folder: String
    private let state: Mutex<State>
    /// The file that the mark speaks of is not there, or is shorter than that.
    let isLost: Bool

    /// - Parameters:
    ///   - mark: nil: nothing is left from before, and what comes goes into a file of this run.
    ///   - run: names that file.
    init(folder: String, run: String, mark: QueueMark?) {
        self.folder = folder
        var state = State(mark: mark ?? QueueMark(file: run))
        var isLost = false
        if let mark {
            state.descriptor = folder.isEmpty ? -1 : Glibc.open(Self.path(folder, mark.file), O_RDWR | O_CLOEXEC)
            let size = state.descriptor < 0 ? -1 : Int64(lseek(state.descriptor, 0, SEEK_END))
            if size < mark.size {
                isLost = true
                if state.descriptor >= 0 { Glibc.close(state.descriptor) }
                state = State(mark: QueueMark(file: run))
            }
        }
        self.isLost = isLost
        self.state = Mutex(state)
    }

    deinit {
        state.withLock { if $0.descriptor >= 0 { _ = Glibc.close($0.descriptor) } }
    }

    private static let prefix = "remarks-"

    private static func path(_ folder: String, _ file: String) -> String {
        // The name may come from a checkpoint: it must not lead out of the folder.
        "\(folder)/\(prefix)\(ClickUpClient.escape(file))"
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
                Self.path(folder, state.mark.file), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
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

    /// Nothing is left but these, which the next import tries again. The file of before stays until
    /// the host has the new mark.
    func end(leaving entries: [Entry]) throws {
        state.withLock { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state = State(mark: QueueMark(file: state.mark.file + "+"))
        }
        try append(entries)
    }

    /// Nobody will go on with it.
    func discard() {
        let file = state.withLock { $0.mark.file }
        guard !folder.isEmpty else { return }
        for name in [file, String(file.prefix { $0 != "+" })] { unlink(Self.path(folder, name)) }
    }

    /// Removes all files but the one in use: one import runs at a time, and what another has left
    /// is of no use to it any more.
    func sweepUp() {
        guard !folder.isEmpty, let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        let current = Self.prefix + ClickUpClient.escape(state.withLock { $0.mark.file })
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(Self.prefix), name != current { unlink("\(folder)/\(name)") }
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

extension RemarkQueue.Entry {
    /// A JSON array on a line of its own.
    fileprivate var line: [UInt8] {
        JSONValue.array([.string(id), .string(name)]).utf8 + [UInt8(ascii: "\n")]
    }

    fileprivate init?(line: [UInt8]) {
        guard let parts = try? JSONValue(parsing: line).array, parts.count == 2,
            let id = parts[0].string, let name = parts[1].string
        else { return nil }
        self.init(id: id, name: name)
    }
}
