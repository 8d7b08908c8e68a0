import Core
import Testing

@testable import PluginHost

@Suite struct ABIVersionTests {
    private func failure(_ text: String, isMinimum: Bool) throws -> RunFailure? {
        let version = try #require(ABIVersion(text: text))
        do throws(RunFailure) {
            try ABIVersion.check(file: "x.so", needs: version, isMinimum: isMinimum)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a plugin of the same major runs, whatever minor it was built against`() throws {
        #expect(try failure("1.0", isMinimum: false) == nil)
        #expect(try failure("1.99", isMinimum: false) == nil)
        #expect(try failure("1.0", isMinimum: true) == nil)
    }

    @Test(arguments: [("1.9", true), ("2.0", false), ("2.0", true)])
    func `a plugin that is newer says that the daemon has to be updated`(version: String, isMinimum: Bool) throws {
        let failure = try #require(try failure(version, isMinimum: isMinimum))
        #expect(failure.code == .pluginIncompatible)
        #expect(failure.message == "x.so needs ABI \(version), and this daemon has 1.0.")
        #expect(failure.hint == "Update integrationd to a version with ABI \(version) or later.")
    }

    @Test func `a plugin that is older says that it has to be built anew`() throws {
        let failure = try #require(try failure("0.9", isMinimum: false))
        #expect(failure.hint == "Build the plugin anew against the header of ABI 1.0.")
    }

    @Test(arguments: ["", "1", "1.", ".1", "1.0.0", "a.b", "1.-1", "1 .0", "1.0 ", "99999999999.0", "1,0"])
    func `what is not like 1.0 is no version`(text: String) {
        #expect(ABIVersion(text: text) == nil)
    }

    @Test func `a version is two halves of a number`() {
        #expect(ABIVersion(0x0001_0000).text == "1.0")
        #expect(ABIVersion(0x0002_0010).text == "2.16")
        #expect(ABIVersion(.max).text == "65535.65535")
    }
}

@Suite(.timeLimit(.minutes(10))) struct DescriptionTests {
    private let stage = Stage()

    private func failure(_ fixture: String) async throws -> RunFailure? {
        let host = stage.host(try Fixtures.plugin(fixture))
        switch await host.summary(of: "test") {
        case .success: return nil
        case .failure(let failure): return failure
        }
    }

    @Test func `a plugin says what it is and can do`() async throws {
        let summary = try await stage.host(try Fixtures.plugin("hello")).summary(of: "test").get()
        #expect(summary.id == "com.example.fixture.hello" && summary.version == "1.0.0" && summary.abi == "1.0")
        #expect(summary.reportsProgress && !summary.canTest && !summary.hasStructure && !summary.takesWebhooks)
        #expect(summary.collections == ["items"])
        #expect(summary.sha256.utf8.count == 64)
        #expect(try await !stage.host(try Fixtures.plugin("plain")).summary(of: "test").get().reportsProgress)
    }

    @Test(arguments: [
        ("no_version", ErrorCode.pluginUnavailable, "integration_abi_version"),
        ("no_manifest", .pluginUnavailable, "integration_manifest"),
        ("no_import", .pluginUnavailable, "neither integration_import_progress_v1 nor integration_import_v1"),
        ("garbage_manifest", .pluginUnavailable, "manifest is not JSON"),
        ("null_manifest", .pluginUnavailable, "manifest is not JSON"),
        ("bad_schema", .pluginUnavailable, "settings_schema"), ("abi_major_2", .pluginIncompatible, "needs ABI 2."),
        ("needs_abi_1_9", .pluginIncompatible, "needs ABI 1.9"), ("constructor_crash", .pluginCrashed, "SIG"),
        ("unresolved", .pluginUnavailable, "undefined symbol"),
    ])
    func `a file that is no plugin is refused with the reason`(fixture: String, code: ErrorCode, reason: String)
        async throws
    {
        let failure = try #require(await failure(fixture))
        #expect(failure.code == code)
        #expect(failure.message.contains(reason), "\(failure.message)")
        #expect(failure.message.contains("\(fixture).so"))
        #expect(!failure.message.contains(stage.folder.path), "the private copy is nobody's business")
    }

    @Test func `an integration that is not there is unknown`() async {
        guard case .failure(let failure) = await stage.host("x.so").summary(of: "other") else {
            Issue.record("it is described")
            return
        }
        #expect(failure.code == .integrationUnknown)
    }

    @Test func `settings that do not fit start nothing`() async throws {
        let host = stage.host(try Fixtures.plugin("hello"), settings: ["surprise": 1])
        let failure = await #expect(throws: RunFailure.self) { try await stage.run(host) }
        #expect(failure?.code == .settingsInvalid && failure?.message.contains("surprise") == true)
    }

    @Test func `options of one run are checked before it starts`() async throws {
        let host = stage.host(try Fixtures.plugin("plain"))
        var options = RunOptions()
        options.collections = ["items"]
        options.settings = ["documents": 3]
        try await host.check(options, of: "test")
        options.collections = ["items", "other"]
        let failure = await #expect(throws: RunFailure.self) { try await host.check(options, of: "test") }
        #expect(failure?.code == .settingsInvalid && failure?.message.contains("other") == true)
    }
}
