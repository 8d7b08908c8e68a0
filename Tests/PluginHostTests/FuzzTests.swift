import Core
import Glibc
import Testing
import Worker

@testable import PluginHost

/// As Fuzzing/Sources/fuzz-frames, -manifest and -elf, which run for as long as one likes.
@Suite struct FuzzTests {
    @Test func `no frames bring the decoder down`() throws {
        for bytes in try Mutations(of: "frames", count: 20_000) {
            var ends: [CInt] = [-1, -1]
            try #require(system_socket_pair(&ends) == 0)
            defer { close(ends[0]) }
            _ = write(ends[1], bytes, bytes.count)
            close(ends[1])
            var frames = FrameBuffer()
            do throws(MalformedFrame) {
                while try frames.fill(from: ends[0]) {
                    while let _ = try frames.next({ (type, payload) throws(MalformedFrame) in
                        try PluginMessage(type: type, payload: payload)
                    }) {}
                }
            } catch { #expect(!error.reason.isEmpty) }
        }
    }

    @Test func `no manifest and no settings bring their reader down`() throws {
        for bytes in try Mutations(of: "manifest", count: 5_000) {
            let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
            do throws(RunFailure) {
                let description = try PluginDescription(
                    file: "plugin.so", sha256: "", abiVersion: 0x10000, symbols: 0xFF,
                    manifest: String(decoding: parts[0], as: UTF8.self))
                guard parts.count > 1, let settings = try? JSONValue(parsing: parts[1]) else { continue }  // no JSON
                _ = try? description.schema.validate(settings, pathsRelativeTo: "/nowhere")  // refused: fine
            } catch { #expect(!error.message.isEmpty) }
        }
    }

    @Test func `no file brings the ELF reader down`() throws {
        for bytes in try Mutations(of: "elf", count: 5_000) {
            do throws(MalformedELF) { _ = try ELFFile(bytes) } catch { #expect(!error.reason.isEmpty) }
        }
    }
}
