import Foundation
import Testing

@testable import PluginHost

@Suite struct SharedLibrariesTests {
    private let folder = TestFolder()

    /// Compiles a library that needs others, which are looked for where `runpath` says.
    private func library(_ name: String, needs others: [String] = [], runpath: String = "") throws {
        let source = try folder.write("int \(name)(void) { return 1; }".utf8, to: name + ".c")
        _ = try Fixtures.output(
            of: "/usr/bin/cc",
            ["-shared", "-fPIC", "-o", folder.file("lib\(name).so"), source, "-Wl,--no-as-needed", "-L", folder.path]
                + others.map { "-l\($0)" } + (runpath.isEmpty ? [] : ["-Wl,-rpath,\(runpath)"]))
    }

    private func needed(by name: String) throws -> [String] {
        SharedLibraries.needed(by: Array(try Data(contentsOf: URL(filePath: folder.file("lib\(name).so")))))
    }

    @Test func `what the dynamic linker would find by RUNPATH is found, and what that needs`() throws {
        try library("deep")
        try library("middle", needs: ["deep"], runpath: "$ORIGIN")
        try library("plugin", needs: ["middle"], runpath: folder.path)
        #expect(try Set(needed(by: "plugin")) == [folder.file("libmiddle.so"), folder.file("libdeep.so")])
    }

    @Test func `the system's own libraries need no mention, nor does what is not there`() throws {
        try library("gone")
        try library("plugin", needs: ["gone", "m"], runpath: folder.path)
        try FileManager.default.removeItem(atPath: folder.file("libgone.so"))
        #expect(try needed(by: "plugin").isEmpty)
    }

    @Test func `a file that is no shared object is not opened by the claim to need it`() throws {
        try library("secret")
        try library("plugin", needs: ["secret"], runpath: folder.path)
        try folder.write("the password is hunter2".utf8, to: "libsecret.so")
        #expect(try needed(by: "plugin").isEmpty)
    }

    @Test func `libraries that need each other are no endless loop`() throws {
        try library("a")
        try library("b", needs: ["a"], runpath: folder.path)
        try library("a", needs: ["b"], runpath: folder.path)
        #expect(try Set(needed(by: "a")) == [folder.file("libb.so"), folder.file("liba.so")])
    }
}
