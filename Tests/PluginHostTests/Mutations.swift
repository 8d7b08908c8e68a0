import Foundation

/// Inputs near those of Fuzzing/Seeds, the same in each run: a short run of what the fuzzers do at length.
struct Mutations: Sequence, IteratorProtocol {
    private let seeds: [[UInt8]]
    private var random = Random(state: 0x9E37_79B9_7F4A_7C15)
    private var left: Int

    /// - Parameters:
    ///   - name: the folder in Fuzzing/Seeds.
    ///   - count: of inputs; the seeds themselves come first.
    init(of name: String, count: Int) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fuzzing/Seeds/\(name)")
        seeds = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
        left = count
    }

    mutating func next() -> [UInt8]? {
        guard left > 0, let any = seeds.first else { return nil }
        left -= 1
        var bytes = left < seeds.count ? seeds[left] : seeds.randomElement(using: &random) ?? any
        guard left >= seeds.count else { return bytes }
        for _ in 0...Int.random(in: 0..<4, using: &random) { mutate(&bytes) }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let telling: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF] + Array("{}[]:,\"'\\\n\t -#&*!|>%@`$".utf8)
        let place = Int.random(in: 0...bytes.count, using: &random)
        let length = Swift.min(bytes.count - place, Int.random(in: 1...16, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where place < bytes.count: bytes[place] = telling.randomElement(using: &random) ?? 0
        case 2: bytes.insert(telling.randomElement(using: &random) ?? 0, at: place)
        case 3: bytes.removeSubrange(place..<place + length)
        case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
        default:
            let other = seeds.randomElement(using: &random) ?? []
            bytes.replaceSubrange(place..., with: other.dropFirst(Swift.min(place, other.count)))
        }
    }

    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {  // xorshift64
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }
}
