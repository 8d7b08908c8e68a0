import Core
import Foundation
import PluginHost

/// What can be seen without loading the plugin.
let fileRules: [Rule] = [
    Rule(1, "elf", "is a 64-bit little-endian shared object for this machine", needs: .file, opens: .loading) {
        subject throws(Verdict) in
        if case .failure(let problem) = subject.elf { throw .failed(problem.reason) }
    },
    Rule(
        2, "entries", "exports integration_abi_version, integration_manifest and an import, as functions",
        needs: .loading, opens: .loading
    ) {
        subject throws(Verdict) in
        let functions = try subject.image().exports.filter(\.isFunction).map(\.name)
        let missing = ["integration_abi_version", "integration_manifest"].filter { !functions.contains($0) }
        guard missing.isEmpty else {
            throw .failed("it does not export the function \(missing.joined(separator: ", "))")
        }
        guard functions.contains("integration_import_progress_v1") || functions.contains("integration_import_v1") else {
            throw .failed("it exports neither integration_import_progress_v1 nor integration_import_v1")
        }
    },
    Rule(3, "known-entries", "exports no integration_ function that the contract does not have", needs: .loading) {
        subject throws(Verdict) in
        let strange = try subject.image().exports.map(\.name).filter {
            $0.hasPrefix("integration_") && !Contract.entries.contains($0)
        }
        guard let first = strange.first else { return }
        let hint = NearestName.hint(for: first, among: Contract.entries).map { "; \($0)" } ?? ""
        throw .failed("\(strange.joined(separator: ", ")): the host never calls it\(hint)")
    },
    Rule(4, "exports", "shows the dynamic linker nothing else", needs: .loading) { subject throws(Verdict) in
        let others = try subject.image().exports.map(\.name).filter { !$0.hasPrefix("integration_") }
        guard others.isEmpty else {
            throw .failed(
                "it also exports \(others.prefix(3).joined(separator: ", "))\(others.count > 3 ? " and \(others.count - 3) more" : "")"
                    + "; use -fvisibility=hidden or a version script")
        }
    },
    Rule(5, "search-path", "looks for libraries in no folder of the machine that built it", needs: .loading) {
        subject throws(Verdict) in
        let good = ["$ORIGIN", "${ORIGIN}", "/usr/", "/lib", "/opt/"]
        let bad = try subject.image().searchPath.filter { entry in !good.contains { entry.hasPrefix($0) } }
        guard bad.isEmpty else {
            let names = bad.map { $0.isEmpty ? "the working directory (an empty entry)" : $0 }
            throw .failed("its RUNPATH has \(names.joined(separator: ", "))")
        }
    },
    Rule(6, "stack", "asks for no executable stack", needs: .loading) { subject throws(Verdict) in
        guard try !subject.image().wantsExecutableStack else {
            throw .failed("it makes every stack of its process executable; link with -z noexecstack")
        }
    },
    Rule(7, "relocations", "is position-independent", needs: .loading) { subject throws(Verdict) in
        guard try !subject.image().hasTextRelocations else {
            throw .failed("the dynamic linker has to write into its code; compile all of it with -fPIC")
        }
    },
    Rule(8, "trusted", "can be written by its owner alone, as its folder", needs: .loading) { subject throws(Verdict) in
        var named = stat()
        guard lstat(subject.file, &named) != 0 || named.st_mode & S_IFMT != S_IFLNK else {
            throw .failed("\(subject.file) is a symbolic link, and the daemon refuses that; put the file itself there")
        }
        for path in [subject.file, (subject.file as NSString).deletingLastPathComponent] {
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            guard status.st_uid == 0 || status.st_uid == geteuid() else {
                throw .failed("\(path) belongs to user \(status.st_uid)")
            }
            guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
                throw .failed("other users can write \(path), and the daemon refuses that; chmod go-w")
            }
        }
    },
]

extension Subject {
    func image() throws(Verdict) -> ELFFile {
        do throws(MalformedELF) {
            return try elf.get()
        } catch {
            throw .failed(error.reason)
        }
    }
}

/// Names of the contract.
enum Contract {
    static let entries: Set<String> = [
        "integration_abi_version", "integration_manifest", "integration_import_progress_v1", "integration_import_v1",
        "integration_test_v1", "integration_structure_v1", "integration_webhook_v1", "integration_cancel_v1",
    ]

    /// Steps that are the host's own.
    static let hostSteps: Set<String> = ["starting", "queued", "waiting", "resumed", "importing", "complete", "error"]

    /// Whether a text is 1 to 64 of `[a-z0-9_]`, and `-` where that is allowed too.
    static func isName(_ text: String, withDashes: Bool) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: withDashes && byte == UInt8(ascii: "-")
                }
            }
    }
}
