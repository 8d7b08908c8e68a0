import Core
import Foundation
import Testing

@testable import PluginHost

@Suite struct PluginCopiesTests {
    private let folder = TestFolder()

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path) }

    @Test func `the owner removes a copy when the last one lets go of it`() throws {
        let copies = PluginCopies(folder: folder.path)
        copies.own()
        var first: PluginCopies.Copy? = try copies.copy(of: [1, 2, 3], sha256: "abc")
        var second: PluginCopies.Copy? = try copies.copy(of: [1, 2, 3], sha256: "abc")
        #expect(first === second && copies.holds("abc"))
        #expect(try names() == ["abc.so"])
        first = nil
        #expect(try names() == ["abc.so"])
        second = nil
        #expect(try names().isEmpty && !copies.holds("abc"))
    }

    @Test func `who does not own the folder leaves what is there`() throws {
        let copies = PluginCopies(folder: folder.path)
        var copy: PluginCopies.Copy? = try copies.copy(of: [1], sha256: "abc")
        withExtendedLifetime(copy) {}
        copy = nil
        #expect(try names() == ["abc.so"])
    }

    @Test func `the owner removes what an earlier process left, and nothing else`() throws {
        let hash = String(repeating: "a1", count: 32)
        try folder.write([1], to: hash + ".so")
        try folder.write([1], to: hash + ".so.17.half-written")
        // An operator's own, in the same folder.
        for name in ["libClickUp.so", "a1.so", hash, hash + "2.so"] { try folder.write([1], to: name) }
        PluginCopies(folder: folder.path).own()
        #expect(try Set(names()) == ["libClickUp.so", "a1.so", hash, hash + "2.so"])
    }

    @Test func `a copy that someone removed is written again`() throws {
        let copies = PluginCopies(folder: folder.path)
        let first = try copies.copy(of: [1], sha256: "abc")
        try FileManager.default.removeItem(atPath: first.path)
        let second = try copies.copy(of: [1], sha256: "abc")
        #expect(second.path == first.path && FileManager.default.fileExists(atPath: second.path))
    }

    @Test func `many at once, for the same few contents, never find their copy gone`() async throws {
        let copies = PluginCopies(folder: folder.path)
        copies.own()
        try await withThrowingTaskGroup { group in
            for number in 0..<2000 {
                group.addTask {
                    let copy = try copies.copy(of: [UInt8(number % 3)], sha256: "content-\(number % 3)")
                    #expect(FileManager.default.fileExists(atPath: copy.path))
                }
            }
            try await group.waitForAll()
        }
        #expect(try names().isEmpty)
    }

    @Test func `a replaced file's old content goes, unless a run still has it`() throws {
        let plugins = TestFolder()
        let copies = PluginCopies(folder: folder.path)
        copies.own()
        let files = PluginFiles(directories: [plugins.path], copies: copies)
        func put(_ name: String) throws {
            let content = try Data(contentsOf: URL(filePath: Fixtures.folder.file(try Fixtures.plugin(name))))
            try plugins.write(content, to: "new")
            chmod(plugins.file("new"), 0o755)
            #expect(rename(plugins.file("new"), plugins.file("plugin.so")) == 0)
        }
        try put("hello")
        var held: PluginFile? = try files.prepare("plugin.so", pin: nil)
        try put("plain")
        let newer = try files.prepare("plugin.so", pin: nil)
        #expect(held?.sha256 != newer.sha256)
        #expect(try Set(names()) == [held?.sha256, newer.sha256].reduce(into: []) { $0.insert(($1 ?? "") + ".so") })
        held = nil
        #expect(try names() == [newer.sha256 + ".so"])
    }
}
