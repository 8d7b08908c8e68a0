import Foundation
import Testing

/// docs/security.md, line by line: what a plugin that means harm tries, and what comes of it.
@Suite("Containment", .realPrograms, .timeLimit(.minutes(30)))
struct ContainmentTests {
    /// One run of `breakout`, and what came of each way, by its name.
    private static func breakOut(
        _ lines: [String] = [], onlyHarmless: Bool = false
    ) async throws -> (results: [String: String], outside: TemporaryFolder, daemon: DaemonProcess) {
        let outside = try TemporaryFolder(), inside = try TemporaryFolder()
        try outside.write("a secret of others", to: "secret")
        try outside.write("", to: "removable")
        try inside.write("text", to: "named")
        // Someone to connect to; the plugin may not listen itself.
        let other = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture(
                    "breakout",
                    settings: [
                        "outside: \(outside.path("secret"))", "inside: \(inside.path("named"))",
                        "port: \(other.port)", "harmless: \(onlyHarmless ? 1 : 0)",
                    ], ["limits: {file_size: 1MiB}"] + lines)))
        let end = try #require(try await daemon.http.events(ofImport: "breakout").last)
        #expect(end.type == "complete", "\(end.data)")
        let page = try await daemon.http.get("/documents?include=content&limit=1000").json["items"]?.items ?? []
        let results = Dictionary(
            uniqueKeysWithValues: page.compactMap { item in
                item["externalId"]?.string.flatMap { id in item["content"]?.string.map { (id, $0) } }
            })
        return (results, outside, daemon)
    }

    /// Whether this machine has what these tests are about; where not, the API says so.
    private static func measures(of daemon: DaemonProcess, _ name: String) async throws -> JSON {
        try #require(try await daemon.http.get("/integrations/\(name)").json["containment"])
    }

    /// What Landlock keeps from a plugin.
    private static let files = [
        "read_outside", "list_outside", "write_outside", "create_outside", "truncate_outside", "make_folder_outside",
        "link_outside", "through_symlink", "rename_into", "remove_outside", "write_inside", "read_shadow",
        "read_store", "read_other_copies", "write_plugin", "parent_environment", "parent_memory", "memory_device",
        "spare_me",
    ]
    /// What the filter of system calls and the capabilities that are gone keep from it.
    private static let calls = [
        "change_mode", "change_owner", "change_attribute", "change_times", "change_own_times", "watch_outside",
        "set_uid_bit", "signal_parent", "signal_thread_of_parent", "signal_everyone", "signal_owner",
        "signal_owner_of_socket", "trace_parent", "read_parent", "limit_parent", "slow_parent", "slow_user",
        "slow_files_of_user", "parent_descriptor", "listen_unbound", "listen_multipath",
        "make_process", "run_program", "become_program", "leave_group", "new_session", "outlive_daemon", "name_space",
        "mount_something", "change_root", "ring", "load_filter", "keys", "events", "push_input", "open_handle",
        "unix_socket", "unix_datagrams", "packets", "shared_memory", "memory_file", "memory_segment",
    ]
    private static let limits = ["raise_memory", "raise_files", "dump_core", "use_memory", "write_large"]
    private static let allowed = [
        "read_inside", "read_resolver", "read_certificates", "read_self", "write_data", "write_temporary",
        "write_null", "read_random", "make_thread", "signal_self", "look_up_name", "connect_tcp", "make_code",
        "parent_command_line", "see_outside", "fill_disk", "receive_datagrams",
    ]

    @Test func `no way out succeeds, and all that plugins need goes on working`() async throws {
        let (results, outside, daemon) = try await Self.breakOut()
        let measures = try await Self.measures(of: daemon, "breakout")
        #expect(measures["process"]?.bool == true && measures["noNewPrivileges"]?.bool == true)
        #expect(measures["noCapabilities"]?.bool == true)
        #expect(results.count == Self.files.count + Self.calls.count + Self.limits.count + Self.allowed.count + 1)
        if measures["landlockFiles"]?.bool == true {
            for way in Self.files {
                #expect(["EACCES", "EXDEV", "EPERM"].contains(results[way]), "\(way): \(results[way] ?? "-")")
            }
            #expect(
                try String(contentsOf: outside.url.appending(path: "secret"), encoding: .utf8) == "a secret of others")
            let left = try FileManager.default.contentsOfDirectory(atPath: outside.url.path)
            #expect(left.sorted() == ["removable", "secret"])
        }
        if measures["landlockPorts"]?.bool == true { #expect(results["listen_tcp"] == "EACCES") }
        if measures["seccomp"]?.bool == true {
            for way in Self.calls {
                #expect(["EPERM", "EACCES", "ENOSYS"].contains(results[way]), "\(way): \(results[way] ?? "-")")
            }
        }
        for way in Self.limits {
            #expect(["EPERM", "ENOMEM", "EFBIG"].contains(results[way]), "\(way): \(results[way] ?? "-")")
        }
        for way in Self.allowed { #expect(results[way] == "done", "\(way): \(results[way] ?? "-")") }
    }

    @Test func `each line of the page names what tries it, and each way out is on the page`() throws {
        let page = BuildProducts.checkout.appending(path: "docs/security.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let fixtures = BuildProducts.fixtureFolders[0]
        var named: Set<String> = []
        for section in ["Files", "Processes", "The machine", "The network", "The daemon"] {
            let part = try #require(text.components(separatedBy: "\n## \(section)\n").dropFirst().first)
                .components(separatedBy: "\n## ")[0]
            let rows = part.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
            #expect(!rows.isEmpty)
            for row in rows {
                let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                #expect(cells.count == 3 && !cells[2].isEmpty, "\(row)")
                named.formUnion(cells.last?.matches(of: #/`([a-z_]+)`/#).map { String($0.1) } ?? [])
            }
        }
        let ways = Set(Self.files + Self.calls + Self.limits + Self.allowed + ["listen_tcp"])
        // What every program needs is no way out.
        #expect(ways.subtracting(["write_null", "read_random", "signal_self"]).subtracting(named).isEmpty)
        let kinds: Set = ["memory", "cpu", "loop", "nest", "promise", "unread", "deaf", "line", "same"]
        for name in named.subtracting(ways).subtracting(kinds) {
            let isFixture = ["c", "cpp", "swift"].contains { ending in
                FileManager.default.fileExists(atPath: fixtures.appending(path: "\(name).\(ending)").path)
            }
            #expect(isFixture, "\(name) is neither a way out nor a fixture")
        }
    }

    @Test func `the tests themselves can fail: inside the daemon the same ways lead out`() async throws {
        let (results, _, daemon) = try await Self.breakOut(["isolation: in-process"], onlyHarmless: true)
        #expect(results.count == 7 && results.values.allSatisfy { $0 == "done" }, "\(results)")
        let measures = try await Self.measures(of: daemon, "breakout")
        #expect(measures["isolation"] == "in-process")
        for name in ["process", "noNewPrivileges", "noCapabilities", "landlockFiles", "landlockPorts", "seccomp"] {
            #expect(measures[name]?.bool == false, "\(name)")
        }
    }

    @Test func `on this machine every measure is on, and the limits are told`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture(
                    "hello", ["timeout: 90s", "limits: {memory: 256MiB, cpu: 1500ms, open_files: 64, file_size: 1MiB}"])
            ))
        let measures = try await Self.measures(of: daemon, "hello")
        let kernel = try String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        for name in ["process", "noNewPrivileges", "noCapabilities", "seccomp"] {
            #expect(measures[name]?.bool == true, "\(name)")
        }
        // Landlock is a choice of whoever built and started the kernel.
        let isThere = (try? String(contentsOfFile: "/sys/kernel/security/lsm", encoding: .utf8))?.contains("landlock")
        if isThere == true { #expect(measures["landlockFiles"]?.bool == true, "\(kernel)") }
        let limits = try #require(measures["limits"])
        #expect(limits["memory"] == 268_435_456 && limits["cpuSeconds"] == 2 && limits["openFiles"] == 64)
        #expect(limits["fileSize"] == 1_048_576 && limits["wallClockSeconds"] == 90)
    }

    @Test func `false documents are stored as its own, and nobody else's are touched`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("hello"), .fixture("liar", settings: [])))
        #expect(try await daemon.http.events(ofImport: "hello").last?.type == "complete")
        #expect(try await daemon.http.events(ofImport: "liar").last?.type == "complete")
        func stored(_ query: String) async throws -> [JSON] {
            try await daemon.http.get("/documents?\(query)").json["items"]?.items ?? []
        }
        let hello = try await stored("integration=hello")
        #expect(Set(hello.compactMap { $0["externalId"]?.string }) == ["one", "two", "three"])
        #expect(
            try await stored("integration=liar").map { $0["externalId"] } == ["false"], "one is gone by its own word")
        let lie = try #require(try await stored("integration=liar&include=content").first)
        // What it says stands there as it said it; whose it is the daemon says.
        #expect(lie["title"] == "<script>alert(1)</script>\u{1B}]0;mine\u{7}" && lie["url"] == "javascript:alert(1)")
        #expect(lie["collection"] == "items" && lie["metadata"]?["integration"] == "hello")
        let elsewhere = daemon.http.tenant("other", "other")
        #expect(try await elsewhere.get("/documents").json["items"]?.items.isEmpty == true)
        let shown = try await Command.run(
            ["documents", "--integration", "liar", "--server", "http://127.0.0.1:\(daemon.port)"], in: TemporaryFolder()
        )
        #expect(shown.output.contains("script") && !shown.output.contains("\u{1B}"), "\(shown.output)\(shown.errors)")
    }

    @Test func `what a plugin says of its own containment is not believed`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("liar", settings: [])))
        let measures = try await Self.measures(of: daemon, "liar")
        for name in ["noNewPrivileges", "noCapabilities", "seccomp"] {
            #expect(measures[name]?.bool == true, "\(name)")
        }
    }

    // MARK: Other kernels

    /// `plugin describe` where the kernel answers these calls with that error.
    private static func described(
        without calls: [String], error: Int32
    ) async throws -> (containment: JSON?, command: Command) {
        let folder = try TemporaryFolder()
        let source = BuildProducts.checkout.appending(path: "Tests/Fixtures/Kernel/without.c")
        let compiler = try ChildProcess("/usr/bin/cc", ["-o", folder.path("without"), source.path])
        try #require(try await compiler.exitStatus(within: .seconds(60)) == .exited(0), "\(compiler.errors.text)")
        let file = try await FixturePlugins.compile("hello")
        let process = try ChildProcess(
            folder.path("without"),
            ["\(error)"] + calls + ["--", BuildProducts.daemon.path, "plugin", "describe", "--json", file.path])
        let command = try await Command.end(of: process)
        return (try JSON(command.output)["containment"], command)
    }

    @Test(arguments: [
        (["landlock"], ["landlockFiles"]), (["seccomp"], ["seccomp"]),
        (["landlock", "seccomp"], ["landlockFiles", "seccomp"]),
    ])
    func `on a kernel that does not know a measure plugins run, and it is told as off`(
        calls: [String], off: [String]
    ) async throws {
        let (containment, command) = try await Self.described(without: calls, error: ENOSYS)
        #expect(command.status == .exited(0), "\(command.output)\(command.errors)")
        for name in ["noNewPrivileges", "noCapabilities", "landlockFiles", "seccomp"] {
            #expect(containment?[name]?.bool == !off.contains(name), "\(name): \(command.output)")
        }
    }

    @Test(arguments: ["restrict", "seccomp"])
    func `a measure that the kernel knows and does not take ends the call`(call: String) async throws {
        let (_, command) = try await Self.described(without: [call], error: EPERM)
        #expect(command.status == .exited(1))
        #expect(command.output.contains("could not be loaded: Operation not permitted"), "\(command.output)")
    }

    @Test func `a worker gets the secrets of its own integration and no other`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture("env_dump", settings: []),
                .fixture("secrets", settings: ["token: ${TEST_TOKEN}"])),
            environment: ["TEST_TOKEN": "s3cr3t-of-the-other"])
        #expect(try await daemon.http.events(ofImport: "env-dump").last?.type == "complete")
        let text = try await daemon.http.get("/documents?include=content").text
        #expect(!text.contains("s3cr3t") && text.contains("TMPDIR"))
    }
}
