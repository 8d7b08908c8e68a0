import Core
import Foundation
import Testing

@testable import Config

/// Parses a text that stands in `/etc/integrationd`.
func configuration(
    _ yaml: String, environment: [String: String] = [:], folder: String = "/etc/integrationd"
) throws -> Configuration {
    try Configuration.parse(
        yaml.utf8, file: "integrations.yaml", folder: folder, environment: environment,
        executableFolder: "/opt/integrationd/bin")
}

/// What is wrong with a text.
func messages(_ bytes: some Sequence<UInt8>) -> [String] {
    do throws(ConfigurationErrors) {
        _ = try Configuration.parse(
            bytes, file: "x.yaml", folder: "/", environment: [:], executableFolder: "/")
        return []
    } catch {
        return error.errors.map { "\($0.line):\($0.column): \($0.message)" }
    }
}

@Suite struct ConfigurationTests {
    @Test func `a file that says nearly nothing has the defaults`() throws {
        let configuration = try configuration("integrations:\n")
        #expect(configuration.server == Configuration.Server())
        #expect(configuration.server.listen.description == "127.0.0.1:3001")
        #expect(configuration.server.basePath == "")
        #expect(configuration.server.heartbeat == .seconds(15))
        #expect(configuration.server.limits.streams == 20_000)
        #expect(configuration.server.limits.streamsPerToken == 1000)
        #expect(configuration.server.limits.body == 1_048_576)
        #expect(configuration.server.limits.bodyTimeout == .seconds(30))
        #expect(configuration.authentication == nil)
        #expect(configuration.store == .sqlite("/etc/integrationd/var/integrationd.db"))
        #expect(configuration.plugins.directories == ["/opt/integrationd/lib/integrationd"])
        #expect(configuration.plugins.isolation == .process)
        #expect(configuration.runs.maxConcurrent == 4)
        #expect(configuration.runs.keep == .seconds(30 * 86_400))
        #expect(configuration.runs.cancelGrace == .seconds(10))
        #expect(configuration.runs.stalledAfter == .seconds(300))
        #expect(configuration.runs.progressRate == 200)
        #expect(configuration.integrations.isEmpty)
    }

    @Test func `the defaults of an integration`() throws {
        let configuration = try configuration(
            "plugins: { isolation: in-process }\nintegrations: { notes: { plugin: libFolder.so } }")
        let notes = try #require(configuration.integrations.first)
        #expect(notes.name == "notes")
        #expect(notes.plugin == "libFolder.so")
        #expect(notes.displayName == "notes")
        #expect(notes.enabled)
        #expect(notes.tenant == nil)
        #expect(notes.isolation == .inProcess)
        #expect(notes.environment == [])
        #expect(notes.sha256 == nil && notes.timeout == nil && notes.schedule == nil)
        #expect(notes.limits.memory == 1 << 30 && notes.limits.openFiles == 1024)
        #expect(notes.settings == [:])
        #expect(notes.settingsFromVariables.isEmpty)
    }

    @Test func `everything that a file can say`() throws {
        let configuration = try configuration(
            Self.full, environment: ["A": "token-a", "W": "9001"])
        let server = configuration.server
        #expect(server.listen == ListenAddress(host: "::", port: 0))
        #expect(server.listen.description == "[::]:0")
        #expect(server.basePath == "/api/v1")
        #expect(server.heartbeat == .milliseconds(500))
        #expect(server.limits.streams == 5 && server.limits.streamsPerToken == 2)
        #expect(server.limits.body == 65_536)
        #expect(server.limits.bodyTimeout == .seconds(5))
        #expect(server.tls?.certificate == "/etc/integrationd/tls/cert.pem")
        #expect(server.tls?.privateKey == "/etc/ssl/key.pem")
        #expect(
            server.cors?.allowedOrigins == ["https://app.example.com", "http://localhost:8080"])

        let tokens = try #require(configuration.authentication?.tokens)
        #expect(tokens.map(\.name) == ["a", "b"])
        #expect(tokens[0].credential == .secret(Secret("token-a")))
        #expect(tokens[0].scopes == ["integrations:read", "integrations:write"])
        #expect(tokens[0].organizations == nil && tokens[0].projects == nil)
        #expect(tokens[1].credential == .digest([0xAB] + Array(repeating: 0, count: 30) + [0x1F]))
        #expect(tokens[1].organizations == ["acme"] && tokens[1].projects == ["website"])

        #expect(configuration.store == .postgresql(Secret("postgresql://u:p@host/db")))
        #expect(
            configuration.plugins.directories == ["/etc/integrationd/.build/release", "/usr/lib/x"])
        #expect(configuration.runs.maxConcurrent == 2)
        #expect(configuration.runs.keep == .seconds(86_400))
        #expect(configuration.runs.cancelGrace == .zero)
        #expect(configuration.runs.stalledAfter == .seconds(7200))
        #expect(configuration.runs.progressRate == 1000)
    }

    @Test func `everything that an integration can say`() throws {
        let configuration = try configuration(
            Self.full, environment: ["A": "token-a", "W": "9001"])
        #expect(configuration.integrations.map(\.name) == ["zebra", "clickup", "ant"])
        let clickup = configuration.integrations[1]
        #expect(clickup.displayName == "ClickUp")
        #expect(!clickup.enabled)
        #expect(clickup.tenant == Tenant(organization: "acme", project: "website"))
        #expect(clickup.isolation == .inProcess)
        #expect(clickup.environment == ["HTTPS_PROXY"])
        #expect(clickup.sha256 == String(repeating: "ab", count: 32))
        #expect(clickup.timeout == .seconds(7200))
        #expect(clickup.limits.memory == 1 << 30)
        #expect(clickup.schedule == .every(.seconds(900)))
        let settings: JSONValue = [
            "workspace_id": "9001", "depth": 3, "ratio": 0.5, "on": true, "off": "off", "none": nil,
            "list": [1, "1", ["x": "a9001b"]], "price": "$5", "hex": 255,
        ]
        #expect(clickup.settings == settings)
        #expect(
            clickup.settingsFromVariables == [
                [.key("workspace_id")], [.key("list"), .index(2), .key("x")],
            ])
    }

    private static let full = """
        server:
          listen: "[::]:0"
          base_path: /api/v1/
          heartbeat: 500ms
          limits: { streams: 5, streams_per_token: 2, body: 64KiB, body_timeout: 5s }
          tls: { certificate: ./tls/cert.pem, private_key: /etc/ssl/key.pem }
          cors: { allowed_origins: ["https://App.example.com", "http://localhost:8080"] }
        auth:
          tokens:
            - { name: a, token: "${A}", scopes: [integrations:read, integrations:write] }
            - name: b
              sha256: AB0000000000000000000000000000000000000000000000000000000000001F
              scopes: [integrations:admin]
              organizations: [acme]
              projects: [website]
        store: { postgresql: "${DB:-postgresql://u:p@host/db}" }
        plugins: { directories: [.build/release, /usr/lib/x] }
        runs: { max_concurrent: 2, keep: 1d, cancel_grace: 0s, stalled_after: 2h, progress_rate: 1000 }
        integrations:
          zebra: { plugin: z.so }
          clickup:
            plugin: libClickUp.so
            display_name: ClickUp
            enabled: false
            organization: acme
            project: website
            isolation: in-process
            env: [HTTPS_PROXY]
            sha256: ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB
            timeout: 2h
            limits: { memory: 1GiB }
            schedule: every 15m
            settings:
              workspace_id: ${W}
              depth: 3
              ratio: 0.5
              on: true
              off: off
              none: ~
              list: [1, "1", { x: "a${W}b" }]
              price: $$5
              hex: 0xFF
          ant: { plugin: a.so }
        """

    @Test("host keys take their text from variables", arguments: ["true", "True"])
    func hostKeys(_ on: String) throws {
        let configuration = try configuration(
            """
            server: { listen: "localhost:${PORT}", heartbeat: "${BEAT}" }
            runs: { max_concurrent: "${MANY}" }
            integrations: { a: { plugin: a.so, enabled: "${ON}", display_name: "${MANY}" } }
            """, environment: ["PORT": "80", "BEAT": "3s", "MANY": "7", "ON": on])
        #expect(configuration.server.listen.port == 80)
        #expect(configuration.server.heartbeat == .seconds(3))
        #expect(configuration.runs.maxConcurrent == 7)
        #expect(configuration.integrations[0].enabled)
        #expect(configuration.integrations[0].displayName == "7")
    }

    @Test func `anchors and aliases stand for whole values`() throws {
        let configuration = try configuration(
            """
            integrations:
              a: &a { plugin: a.so, settings: { x: 1 } }
              b: *a
            """)
        #expect(configuration.integrations[1].name == "b")
        #expect(configuration.integrations[1].settings == ["x": 1])
    }

    @Test(
        "without authentication it listens on a loopback address only",
        arguments: [
            ("127.0.0.1:1", true), ("127.8.9.1:1", true), ("localhost:1", true), ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true), ("0.0.0.0:1", false), ("[::]:1", false),
            ("example.com:1", false), ("127.0.0.1.example.com:1", false), ("10.0.0.1:1", false),
        ])
    func loopback(_ listen: String, _ isAllowed: Bool) {
        #expect(messages("server: { listen: \"\(listen)\" }".utf8).isEmpty == isAllowed)
    }

    @Test func `printing a configuration shows no secret`() throws {
        let configuration = try configuration(
            """
            auth: { tokens: [{ name: a, token: s3cr3t, scopes: [integrations:read] }] }
            integrations: { a: { plugin: a.so, settings: { pin: s3cr3t } } }
            """)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("s3cr3t"))
        #expect(!"\(configuration)".contains("s3cr3t"))
    }

    @Test func `a schedule in its long form says how it is followed`() throws {
        let long = "{ at: every 15m, jitter: 30s, overlap: queue, catch_up: false }"
        let configuration = try configuration(
            "integrations: { a: { plugin: a.so, schedule: \(long), allow_mass_delete: true }, b: { plugin: b.so } }")
        let (a, b) = (configuration.integrations[0], configuration.integrations[1])
        #expect(a.schedule == .every(.seconds(900)) && a.allowsMassDelete)
        #expect(a.scheduling.jitter == .seconds(30) && a.scheduling.overlap == .queue && !a.scheduling.catchesUp)
        #expect(b.schedule == nil && b.scheduling == .init() && !b.allowsMassDelete)
        #expect(
            messages("integrations: { a: { plugin: a.so, schedule: { jitter: 1s, overlaps: skip } } }".utf8).count == 2)
    }

    @Test func `the same text gives equal integrations wherever they stand`() throws {
        let entry = "{ plugin: a.so, schedule: every 1h, settings: { x: [1] } }"
        let one = try configuration("integrations: { a: \(entry) }")
        let two = try configuration("# moved\nintegrations:\n  b: { plugin: b.so }\n  a: \(entry)")
        #expect(one.integrations[0] == two.integrations[1])
        #expect(two.integrations[0] != two.integrations[1])
    }
}

@Suite struct LoadingTests {
    @Test func `a file is read with paths relative to its folder`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // What cannot be removed, the system clears.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = [
            "integrations.yaml":
                "store: { sqlite: x.db }\nintegrations: { a: { plugin: a.so, settings: { t: \"${file:t}\" } } }",
            "t": "first\nsecond\n\n",
        ]
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        let configuration = try Configuration.load(
            path: "\(folder)/integrations.yaml", environment: [:], executableFolder: "/usr/bin")
        #expect(configuration.folder == folder)
        #expect(configuration.store == .sqlite("\(folder)/x.db"))
        #expect(configuration.plugins.directories == ["/usr/lib/integrationd"])
        // Only the last newline goes.
        #expect(configuration.integrations[0].settings == ["t": "first\nsecond\n"])
    }

    @Test func `a file that cannot be read says why`() {
        let missing = #expect(throws: ConfigurationErrors.self) {
            try Configuration.load(path: "/nowhere/x.yaml", environment: [:], executableFolder: "/")
        }
        #expect(
            missing?.description
                == "/nowhere/x.yaml:1:1: error: cannot read the file: No such file or directory")
        let folder = #expect(throws: ConfigurationErrors.self) {
            try Configuration.load(path: "/usr", environment: [:], executableFolder: "/")
        }
        #expect(folder?.description == "/usr:1:1: error: cannot read the file: it is a folder")
        let endless = #expect(throws: ConfigurationErrors.self) {
            try Configuration.load(path: "/dev/zero", environment: [:], executableFolder: "/")
        }
        #expect(endless?.description.contains("larger than 1024 KiB") == true)
    }

    @Test func `a device is no file for a value`() {
        let result = Substitution(environment: [:], folder: "/")("${file:dev/zero}")
        #expect(
            result.failures.map(\.message) == ["cannot read /dev/zero: it is not a regular file"])
    }

    @Test func `what is not text says where`() {
        #expect(messages([]) == ["1:1: the file is empty"])
        #expect(
            messages(Array("runs: {}\na\0".utf8)) == ["2:2: the file is not text: a NUL byte here"])
        #expect(
            messages(Array("é: ".utf8) + [0xFF]) == ["1:4: the file is not text: not UTF-8 here"])
        #expect(messages([0xFF, 0xFE, 0x61, 0]) == ["1:1: the file is not text: not UTF-8 here"])
        #expect(messages([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0]).count == 1)
        #expect(
            messages("runs: {}\n\u{1B}[31m".utf8) == [
                "2:1: not valid YAML: control characters are not allowed"
            ])
    }

    @Test func `a file of more than 1 MiB is not read`() {
        let line = Array("# 456789012345\n".utf8)
        let large = Array(repeatElement(line, count: 70_000).joined())
        #expect(messages(large) == ["1:1: the file is larger than 1024 KiB"])
    }

    @Test func `a byte order mark and line breaks of Windows change nothing`() {
        #expect(
            messages("\u{FEFF}runs:\r\n  keep: 1\r\n".utf8) == [
                "2:9: runs.keep must be a duration with a unit"
            ])
        #expect(messages("\u{FEFF}rans: {}".utf8) == ["1:1: unknown key \"rans\""])
    }

    @Test func `a byte order mark is not shown`() {
        let errors = #expect(throws: ConfigurationErrors.self) {
            try configuration("\u{FEFF}rans: {}")
        }
        #expect(errors?.errors.first?.sourceLine == "rans: {}")
    }

    @Test func `a hundred errors are shown and the rest counted`() throws {
        let yaml = (0..<250).map { "x\($0): 1\n" }.joined()
        let errors = #expect(throws: ConfigurationErrors.self) { try configuration(yaml) }
        #expect(errors?.errors.count == 100)
        #expect(errors?.omitted == 150)
        #expect(errors?.description.hasSuffix("… and 150 more errors") == true)
    }

    /// Every prefix of a good file, and the file without each of its bytes, is refused or read,
    /// but ends in neither a crash nor a secret on the screen.
    @Test func `damaged files do no harm`() {
        let yaml = Array(
            """
            auth: { tokens: [ { name: a, token: "s3cr3t", scopes: [ integrations:read ] } ] }
            integrations:
              a:
                plugin: &p a.so
                display_name: *p
                settings: { password: 's3cr3t', x: [ 1, ${A:-2} ] }
            """.utf8)
        var damaged = yaml.indices.map { Array(yaml[..<$0]) }
        damaged += yaml.indices.map { Array(yaml[..<$0] + yaml[($0 + 1)...]) }
        for bytes in damaged {
            do throws(ConfigurationErrors) {
                _ = try Configuration.parse(
                    bytes, file: "x", folder: "/", environment: [:], executableFolder: "/")
            } catch {
                #expect(!error.errors.isEmpty)
                if bytes.count > yaml.count - 2 {
                    #expect(
                        !error.description.contains("s3cr3t"),
                        "\(String(decoding: bytes, as: UTF8.self))\n\(error)")
                }
            }
        }
    }
}
