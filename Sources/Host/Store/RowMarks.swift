/// What became of rows in one run: two bits a row, in chunks that exist where a row is marked.
///
/// One million rows with dense numbers cost 256 KiB.  A value: copying it before a transaction and
/// dropping the copy afterwards shares all chunks that the transaction did not touch.
struct RowMarks {
    enum Mark: UInt64 {
        case none, unchanged, updated, new
    }

    private static let rowsPerWord: Int64 = 32
    private static let rowsPerChunk: Int64 = 4096

    private var chunks: [Int64: [UInt64]] = [:]
    /// The chunks that were changed since the last call of `saved`.
    private(set) var changed: Set<Int64> = []

    /// Row numbers are positive.
    subscript(row: Int64) -> Mark {
        get {
            guard let chunk = chunks[row / Self.rowsPerChunk] else { return .none }
            let (word, shift) = Self.place(of: row)
            return Mark(rawValue: chunk[word] >> shift & 3) ?? .none
        }
        set {
            let (word, shift) = Self.place(of: row)
            let empty = [UInt64](repeating: 0, count: Int(Self.rowsPerChunk / Self.rowsPerWord))
            changed.insert(row / Self.rowsPerChunk)
            Self.set(
                &chunks[row / Self.rowsPerChunk, default: empty][word], newValue, shift: shift)
        }
    }

    var isEmpty: Bool { chunks.isEmpty }

    mutating func saved() { changed.removeAll(keepingCapacity: true) }

    func bytes(ofChunk chunk: Int64) -> [UInt8] {
        (chunks[chunk] ?? []).withUnsafeBytes(Array.init)
    }

    mutating func set(chunk: Int64, bytes: [UInt8]) {
        let size = Int(Self.rowsPerChunk / Self.rowsPerWord)
        guard bytes.count == size * MemoryLayout<UInt64>.size else { return }
        chunks[chunk] = bytes.withUnsafeBytes { bytes in
            (0..<size).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
        }
    }

    /// How many bytes the marks occupy, without the dictionary that holds the chunks.
    var byteCount: Int { chunks.count * Int(Self.rowsPerChunk / 4) }

    private static func place(of row: Int64) -> (word: Int, shift: UInt64) {
        let index = row % rowsPerChunk
        return (Int(index / rowsPerWord), UInt64(index % rowsPerWord) * 2)
    }

    private static func set(_ word: inout UInt64, _ mark: Mark, shift: UInt64) {
        word = word & ~(3 << shift) | mark.rawValue << shift
    }
}
