import Glibc

/// Why a file could not be read, in words: "No such file or directory".
struct FileReadingError: Error {
    var reason: String
}

/// The bytes of a file of at most `limit` bytes.
///
/// - Parameter onlyRegular: refuses pipes and devices, which could keep the reader waiting.
func readFile(
    _ path: String, limit: Int, onlyRegular: Bool
) throws(FileReadingError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | (onlyRegular ? O_NONBLOCK : 0))
    guard descriptor >= 0 else { throw .lastError() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .lastError() }
    let type = status.st_mode & S_IFMT
    guard type != S_IFDIR else { throw FileReadingError(reason: "it is a folder") }
    guard !onlyRegular || type == S_IFREG else {
        throw FileReadingError(reason: "it is not a regular file")
    }
    var bytes: [UInt8] = []
    while true {
        let chunk = try readChunk(descriptor)
        if chunk.isEmpty { return bytes }
        bytes += chunk
        guard bytes.count <= limit else {
            throw FileReadingError(reason: "it is larger than \(limit / 1024) KiB")
        }
    }
}

private func readChunk(_ descriptor: Int32) throws(FileReadingError) -> [UInt8] {
    let capacity = 64 * 1024
    var count = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
        repeat {
            count = read(descriptor, buffer.baseAddress, capacity)
        } while count < 0 && errno == EINTR
        initialized = max(0, count)
    }
    guard count >= 0 else { throw .lastError() }
    return chunk
}

extension FileReadingError {
    fileprivate static func lastError() -> FileReadingError {
        FileReadingError(reason: String(cString: strerror(errno)))
    }
}

/// Where in the bytes the first one stands that no text of UTF-8 has: NUL, or not UTF-8 at all.
func firstBinaryByte(in bytes: [UInt8]) -> Int? {
    var index = 0
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    while true {
        switch decoder.parseScalar(from: &iterator) {
        case .valid(let encoded):
            if encoded.first == 0 { return index }
            index += encoded.count
        case .emptyInput: return nil
        case .error: return index
        }
    }
}
