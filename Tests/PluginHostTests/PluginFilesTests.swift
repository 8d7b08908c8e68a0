import Core
import Foundation
import Glibc
import Testing

@testable import PluginHost

@Suite struct PluginFilesTests {
    private let plugins = TestFolder()
    private let cache = TestFolder()

    private var files: PluginFiles {
        PluginFiles(directories: [plugins.path], copies: PluginCopies(folder: cache.path + "/a/b"))
    }

    private static func elf(
        class bits: UInt8 = 2, order: UInt8 = 1, type: UInt8 = 3, machine: UInt8? = nil, tail: [UInt8] = []
    ) -> [UInt8] {
        #if arch(x86_64)
            let own: UInt8 = 62
        #else
            let own: UInt8 = 183
        #endif
        return [0x7F, 0x45, 0x4C, 0x46, bits, order, 1, 0] + [UInt8](repeating: 0, count: 8) + [
            type, 0, machine ?? own, 0,
        ] + [UInt8](repeating: 0, count: 44) + tail
    }

    private func failure(_ name: String, pin: String? = nil) -> RunFailure? {
        do throws(RunFailure) {
            _ = try files.prepare(name, pin: pin)
            return nil
        } catch {
            return error
        }
    }

    // MARK: What may be loaded

    @Test func `a good file is copied under its hash, read-only`() throws {
        try plugins.write(Self.elf(), to: "good.so")
        let file = try files.prepare("good.so", pin: nil)
        #expect(file.path == cache.path + "/a/b/\(file.sha256).so")
        #expect(file.sha256.utf8.count == 64 && !file.isSwift)
        #expect(try Data(contentsOf: URL(filePath: file.path)) == Data(Self.elf()))
        var status = stat()
        #expect(stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o500)
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path + "/a/b").count == 1)
    }

    @Test func `a plugin that was built with Swift is known by its metadata`() throws {
        try plugins.write(Self.elf(tail: Array("swift5_type_metadata".utf8)), to: "swift.so")
        #expect(try files.prepare("swift.so", pin: nil).isSwift)
    }

    @Test(arguments: ["", ".", "..", "../x.so", "/etc/passwd", "a/b.so", "./x.so", ".hidden.so", "x/"])
    func `a name that is a path is refused`(name: String) {
        #expect(failure(name)?.code == .pluginRefused)
    }

    @Test func `a file that is not there names where it was looked for`() {
        let failure = failure("absent.so")
        #expect(failure?.code == .pluginUnavailable)
        #expect(failure?.message.contains("absent.so") == true && failure?.message.contains(plugins.path) == true)
    }

    @Test func `a symbolic link, a folder and a pipe are refused`() throws {
        try plugins.write(Self.elf(), to: "real.so")
        #expect(symlink(plugins.file("real.so"), plugins.file("link.so")) == 0)
        #expect(mkdir(plugins.file("folder.so"), 0o755) == 0)
        #expect(mkfifo(plugins.file("pipe.so"), 0o644) == 0)
        for name in ["link.so", "folder.so", "pipe.so"] { #expect(failure(name)?.code == .pluginRefused) }
    }

    @Test(arguments: [0o664, 0o646, 0o777] as [mode_t])
    func `a file that others may write is refused`(mode: mode_t) throws {
        try plugins.write(Self.elf(), to: "open.so")
        chmod(plugins.file("open.so"), mode)
        let failure = failure("open.so")
        #expect(failure?.code == .pluginRefused)
        #expect(failure?.hint?.contains("chmod go-w") == true)
    }

    @Test func `a file in a folder that others may write is refused`() throws {
        try plugins.write(Self.elf(), to: "good.so")
        chmod(plugins.path, 0o777)
        #expect(failure("good.so")?.code == .pluginRefused)
        chmod(plugins.path, 0o755)
        #expect(failure("good.so") == nil)
    }

    @Test(.enabled(if: geteuid() == 0)) func `a file of another user is refused`() throws {
        try plugins.write(Self.elf(), to: "foreign.so")
        #expect(chown(plugins.file("foreign.so"), 4711, 4711) == 0)
        let failure = failure("foreign.so")
        #expect(failure?.code == .pluginRefused && failure?.message.contains("4711") == true)
    }

    @Test func `the first folder that has the file counts`() throws {
        let other = TestFolder()
        try plugins.write(Self.elf(tail: [1]), to: "both.so")
        try other.write(Self.elf(tail: [2]), to: "both.so")
        try other.write(Self.elf(tail: [3]), to: "second.so")
        let files = PluginFiles(directories: [plugins.path, other.path], copies: PluginCopies(folder: cache.path))
        #expect(try Data(contentsOf: URL(filePath: files.prepare("both.so", pin: nil).path)).last == 1)
        #expect(try Data(contentsOf: URL(filePath: files.prepare("second.so", pin: nil).path)).last == 3)
    }

    // MARK: Changes

    @Test func `a pin is compared with the content`() throws {
        try plugins.write(Self.elf(), to: "pinned.so")
        let hash = try files.prepare("pinned.so", pin: nil).sha256
        #expect(failure("pinned.so", pin: hash) == nil)
        try plugins.write(Self.elf(tail: [1]), to: "pinned.so")
        let failure = failure("pinned.so", pin: hash)
        #expect(failure?.code == .pluginRefused && failure?.message.contains(hash) == true)
    }

    @Test func `a file that was replaced is a new one, and the old copy stays as it is`() throws {
        let files = files
        try plugins.write(Self.elf(tail: [1]), to: "x.so")
        let old = try files.prepare("x.so", pin: nil)
        #expect(try files.prepare("x.so", pin: nil) == old)
        try plugins.write(Self.elf(tail: [2]), to: "x.so")
        let new = try files.prepare("x.so", pin: nil)
        #expect(new.sha256 != old.sha256)
        #expect(try Data(contentsOf: URL(filePath: old.path)).last == 1)
        #expect(try Data(contentsOf: URL(filePath: new.path)).last == 2)
    }

    @Test func `a file that was overwritten in place, with the same size, is a new one`() throws {
        let files = files
        let path = try plugins.write(Self.elf(tail: [1]), to: "x.so")
        let old = try files.prepare("x.so", pin: nil)
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.seek(toOffset: UInt64(Self.elf().count))
        try handle.write(contentsOf: [2])
        try handle.close()
        #expect(try files.prepare("x.so", pin: nil).sha256 != old.sha256)
    }

    @Test func `a copy that someone removed is made again`() throws {
        let files = files
        try plugins.write(Self.elf(), to: "x.so")
        let file = try files.prepare("x.so", pin: nil)
        unlink(file.path)
        #expect(try files.prepare("x.so", pin: nil) == file)
        #expect(access(file.path, R_OK) == 0)
    }

    @Test func `a cache that cannot be written is an error that says so`() throws {
        try plugins.write(Self.elf(), to: "x.so")
        try cache.write([1], to: "file")
        let files = PluginFiles(directories: [plugins.path], copies: PluginCopies(folder: cache.path + "/file/below"))
        let failure = #expect(throws: RunFailure.self) { try files.prepare("x.so", pin: nil) }
        #expect(failure?.code == .internal && failure?.hint != nil)
    }

    // MARK: Headers

    @Test(
        arguments: [
            ([], "not an ELF"), (Array("#!/bin/sh\necho hello, I am a script".utf8), "not an ELF"),
            ([0x7F, 0x45, 0x4C, 0x46], "not an ELF"),
            (elf(class: 1), "64-bit"), (elf(order: 2), "64-bit little-endian"), (elf(type: 2), "not a shared object"),
            (elf(type: 1), "not a shared object"),
            (elf(machine: 40), "another machine"), (elf(machine: 243), "another machine"),
        ] as [([UInt8], String)])
    func `what cannot be loaded here is said before anything is loaded`(content: [UInt8], reason: String) throws {
        try plugins.write(content, to: "x.so")
        let failure = failure("x.so")
        #expect(failure?.code == .pluginUnavailable)
        #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
        #expect(ELFHeader.problem(in: content)?.contains(reason) == true)
    }

    @Test func `a header of this machine has no problem`() {
        #expect(ELFHeader.problem(in: Self.elf()) == nil)
        #expect(ELFHeader.problem(in: Array(Self.elf().prefix(ELFHeader.size - 1))) != nil)
    }

    @Test func `random bytes never crash the reader of headers`() {
        for _ in 0..<20_000 {
            let bytes = Self.elf().map { Int.random(in: 0..<8) == 0 ? UInt8.random(in: 0...255) : $0 }
            _ = ELFHeader.problem(in: Array(bytes.prefix(.random(in: 0...bytes.count))))
        }
    }
}
