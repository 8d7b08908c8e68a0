import Client
import Core
import Foundation
import Testing

@Suite("Where a token comes from")
struct TokenSourceTests {
    private static func file(_ text: String, mode: Int) throws -> URL {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        return file
    }

    @Test(arguments: [0o600, 0o400])
    func `a file that only its owner can read gives its only word`(mode: Int) throws {
        let file = try Self.file(" secret-token\n", mode: mode)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try TokenSource.token(inFile: file.path).reveal() == "secret-token")
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660])
    func `a file that others can read is refused, with the remedy`(mode: Int) throws {
        let file = try Self.file("secret-token", mode: mode)
        defer { try? FileManager.default.removeItem(at: file) }
        let error = try #require(throws: ClientError.self) { try TokenSource.token(inFile: file.path) }
        #expect(error.hint == "chmod 600 \(file.path)" && !"\(error)".contains("secret-token"))
    }

    @Test(arguments: ["", "  \n", "two words", "line\nbreak", "ümlaut"])
    func `what cannot be in a header is no token, and is not repeated`(text: String) throws {
        let file = try Self.file(text, mode: 0o600)
        defer { try? FileManager.default.removeItem(at: file) }
        let error = try #require(throws: ClientError.self) { try TokenSource.token(inFile: file.path) }
        #expect(text.count < 3 || !"\(error)".contains(text))
    }

    @Test func `a folder, a pipe and nothing are no token files`() {
        for path in ["/tmp", "/dev/null", "/nowhere/token"] {
            #expect(throws: ClientError.self) { try TokenSource.token(inFile: path) }
        }
    }
}
