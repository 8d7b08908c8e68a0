package import Core
import FoundationEssentials
import Glibc

/// Where the token comes from: never from an argument, which every user of the machine can see.
package enum TokenSource {
    private static let maximumSize = 4096

    /// A token as it came from a variable.
    package static func token(_ text: String, from name: String) throws(ClientError) -> Secret {
        let trimmed = text.trimmingWhitespace
        guard !trimmed.isEmpty, trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ClientError(.unusable, "\(name) holds no token: one word of letters, digits and signs")
        }
        return Secret(trimmed)
    }

    /// A token in a file that nobody but its owner can read.
    package static func token(inFile path: String) throws(ClientError) -> Secret {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw ClientError(.unusable, "the token file \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ClientError(.unusable, "the token file \(path) is no file")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw ClientError(.unusable, "the token file \(path) belongs to another user")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw ClientError(
                .unusable, "the token file \(path) can be read by other users", hint: "chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: maximumSize)
        let count = read(file, &bytes, bytes.count)
        return try token(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self), from: "the token file \(path)")
    }
}

extension String {
    fileprivate var trimmingWhitespace: String {
        let isBlank = { (character: Character) in character.isWhitespace }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
