import Core
import Testing

@testable import Config

@Suite struct CoreValueTests {
    @Test(
        "a plain scalar means what YAML 1.2 says",
        arguments: [
            ("", .null), ("~", .null), ("null", .null), ("NULL", .null), ("nULL", .string),
            ("true", .bool(true)), ("False", .bool(false)), ("yes", .string), ("on", .string),
            ("0", .integer(0)), ("-12", .integer(-12)), ("+7", .integer(7)), ("007", .integer(7)),
            ("0o17", .integer(15)), ("0xfF", .integer(255)), ("0x", .string), ("0o8", .string),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .tooLarge),
            ("-9223372036854775808", .integer(.min)), ("0xFFFFFFFFFFFFFFFF", .tooLarge),
            ("1.5", .number(1.5)), (".5", .number(0.5)), ("5.", .number(5)),
            ("-1e3", .number(-1000)),
            ("1e", .string), ("e1", .string), (".", .string), ("1.2.3", .string),
            ("1_000", .string),
            ("-", .string), ("+", .string), (".inf", .notFinite), ("-.INF", .notFinite),
            (".NaN", .notFinite), ("1e999", .tooLarge), ("inf", .string), ("nan", .string),
            ("0x1p3", .string), ("12:30", .string), ("٣", .string),
        ] as [(String, CoreValue)])
    func plain(_ text: String, _ value: CoreValue) {
        #expect(CoreValue(plain: text) == value)
    }
}

@Suite struct SubstitutionTests {
    private let substitution = Substitution(
        environment: ["A": "1", "EMPTY": "", "_x9": "y", "EVIL": "${A}$$"], folder: "/nowhere")

    @Test(
        "substitutions are made",
        arguments: [
            ("plain", "plain"), ("${A}", "1"), ("<${A}${_x9}>", "<1y>"), ("$$", "$"),
            ("$${A}", "${A}"),
            ("$$$$", "$$"), ("${A:-2}", "1"), ("${B:-2}", "2"), ("${B:-}", ""), ("${EMPTY}", ""),
            ("${EMPTY:-2}", "2"), ("${B:-a:-b c}", "a:-b c"), ("${B:-$}", "$"), ("é${A}🧀", "é1🧀"),
            ("}${A}{", "}1{"), ("${EVIL}", "${A}$$"),
        ])
    func substitutes(_ scalar: String, _ text: String) {
        let result = substitution(scalar)
        #expect(result.failures.isEmpty)
        #expect(result.text == text)
        #expect(result.usesVariables == (scalar.contains("${") && !scalar.hasPrefix("$$")))
    }

    @Test(
        "what cannot be made is a failure",
        arguments: [
            "$", "$A", "${", "${A", "${}", "${9}", "${A-1}", "${ A }", "${B}", "${A:-${A}}",
        ])
    func fails(_ scalar: String) {
        #expect(substitution(scalar).failures.count == 1)
    }

    @Test func `the failing dollar is counted`() {
        #expect(substitution("$$ ${A} ${B:-$} ${C}").failures.map(\.dollar) == [5])
    }
}

@Suite struct QuantityTests {
    private func read<Value>(_ text: String, as kind: ValueKind<Value>) -> Value? {
        // Nil says all that these tests ask.
        try? kind.read(HostValue(text: text, origin: .plain))
    }

    @Test func `durations`() {
        let texts = ["500ms", "15s", "10m", "2h", "30d", "0s"]
        #expect(
            texts.map { read($0, as: .duration) } == [
                .milliseconds(500), .seconds(15), .seconds(600), .seconds(7200),
                .seconds(2_592_000), .zero,
            ])
        for text in [
            "", "s", "5", "-5s", "1.5s", "5 s", "5S", "5sec", "1h30m", "99999999999999999999s",
            "36501d", "5é",
        ] {
            #expect(read(text, as: .duration) == nil, "\(text)")
        }
    }

    @Test func `sizes`() {
        let texts = ["64KiB", "1MiB", "1GiB", "2TiB", "8388607TiB"]
        #expect(
            texts.map { read($0, as: .size) } == [
                65_536, 1 << 20, 1 << 30, 2 << 40, 8_388_607 << 40,
            ])
        for text in ["", "5", "0KiB", "1MB", "1Mib", "-1MiB", "8388608TiB", "1.5GiB", "KiB"] {
            #expect(read(text, as: .size) == nil, "\(text)")
        }
    }

    @Test func `base paths`() {
        let texts = ["/", "/api", "/api/", "/a/b.c/d_e-f~"]
        #expect(texts.map { read($0, as: .basePath) } == ["", "/api", "/api", "/a/b.c/d_e-f~"])
        for text in ["api", "//", "/a//b", "/a/..", "/./a", "/a?b", "/a b", "/%41"] {
            #expect(read(text, as: .basePath) == nil, "\(text)")
        }
    }

    @Test func `names that sound like secrets`() {
        for name in [
            "token", "api_token", "API-Token", "password", "clientSecret", "key", "api_key",
            "private_key", "tokn", "pasword", "postgresql", "dsn",
        ] {
            #expect(SecretPlaces.isSecret(name: name), "\(name)")
        }
        for name in [
            "workspace_id", "base_url", "plugin", "directories", "keep", "name", "keys_per_page",
            "timeout",
        ] {
            #expect(!SecretPlaces.isSecret(name: name), "\(name)")
        }
    }

    @Test func `near names`() {
        let names = ["plugin", "plugins", "settings", "timeout"]
        #expect(NearestName.find("plgin", among: names) == "plugin")
        #expect(NearestName.find("plguin", among: names) == "plugin")
        #expect(NearestName.find("SETTING", among: names) == "settings")
        #expect(NearestName.find("pluginz", among: names) == "plugin")
        #expect(NearestName.find("database", among: names) == nil)
        #expect(NearestName.find("x", among: ["y"]) == nil)
        #expect(NearestName.find(String(repeating: "a", count: 100_000), among: names) == nil)
    }
}
