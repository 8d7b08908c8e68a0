/// A stand-in: as many bytes, and no cryptography, which is not what is fuzzed.
public struct SHA256 {
    private var state: UInt64 = 14_695_981_039_346_656_037

    public init() {}

    public static func hash(data: some Sequence<UInt8>) -> [UInt8] {
        var hasher = SHA256()
        for byte in data { hasher.take(byte) }
        return hasher.finalize()
    }

    public mutating func update(data: some Sequence<UInt8>) { for byte in data { take(byte) } }
    public mutating func update(bufferPointer: UnsafeRawBufferPointer) { for byte in bufferPointer { take(byte) } }

    public func finalize() -> [UInt8] { (0..<32).map { UInt8(truncatingIfNeeded: state >> UInt64($0 % 8 * 8)) } }

    private mutating func take(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 1_099_511_628_211 }
}
