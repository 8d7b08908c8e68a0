import Glibc

/// gzip through the system's zlib, loaded at run time: wherever libcurl is installed, so is zlib, and a machine
/// without it is answered uncompressed. The body is zlib's own stream in gzip's frame (RFC 1952).
struct Gzip: Sendable {
    private typealias Compress =
        @convention(c) (
            UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt>?, UnsafePointer<UInt8>?, UInt, Int32
        ) -> Int32
    private typealias Bound = @convention(c) (UInt) -> UInt
    private typealias Checksum = @convention(c) (UInt, UnsafePointer<UInt8>?, UInt32) -> UInt

    private let compress: Compress
    private let bound: Bound
    private let checksum: Checksum

    static let system = Gzip()

    private init?() {
        guard let library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL),
            let compress = dlsym(library, "compress2"), let bound = dlsym(library, "compressBound"),
            let checksum = dlsym(library, "crc32")
        else { return nil }
        self.compress = unsafeBitCast(compress, to: Compress.self)
        self.bound = unsafeBitCast(bound, to: Bound.self)
        self.checksum = unsafeBitCast(checksum, to: Checksum.self)
    }

    /// Magic, deflate, no flags, no time, fastest, Unix.
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 3]
    private static let fastest: Int32 = 1
    /// zlib's frame around the deflate stream: two bytes before, a checksum of four after.
    private static let zlibHeader = 2, zlibTrailer = 4

    /// nil if zlib fails, which it does only without memory.
    func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var length = bound(UInt(bytes.count))
        var stream = [UInt8](repeating: 0, count: Int(length))
        guard compress(&stream, &length, bytes, UInt(bytes.count), Self.fastest) == 0 else { return nil }
        let deflated = stream[Self.zlibHeader..<(Int(length) - Self.zlibTrailer)]
        let sum = UInt32(truncatingIfNeeded: checksum(0, bytes, UInt32(bytes.count)))
        return Self.header + deflated + littleEndian(sum) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
    }

    private func littleEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
