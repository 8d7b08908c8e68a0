import Core
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (999, "1970-01-01T00:00:00.999Z"),
            (1_795_374_946_120, "2026-11-22T19:15:46.120Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `a time is RFC 3339 in UTC with milliseconds`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test func `every millisecond has its own text, in order`() {
        for start in [0, 1_763_839_546_000, 2_000_000_000_000, 4_102_444_800_000] as [Int64] {
            for millisecond in 0..<2000 as Range<Int64> {
                let text = Timestamp(milliseconds: start + millisecond).description
                let tail = String(1000 + (start + millisecond) % 1000).dropFirst()
                #expect(text.hasSuffix(".\(tail)Z"), "\(start + millisecond)")
            }
        }
    }

    @Test(arguments: [Int64.min, Int64.max, -1 << 60, 1 << 60])
    func `times that no calendar has are told all the same`(milliseconds: Int64) {
        #expect(!Timestamp(milliseconds: milliseconds).description.isEmpty)
    }

    @Test func `times compare and add`() {
        let time = Timestamp(milliseconds: 1000)
        #expect(time < time + .milliseconds(1))
        #expect((time + .seconds(-2)).milliseconds == -1000)
        #expect((time + .nanoseconds(999_999)).milliseconds == 1000)
    }

    @Test func `durations are cut to whole milliseconds`() {
        #expect(Duration.microseconds(1999).wholeMilliseconds == 1)
        #expect(Duration.microseconds(-1999).wholeMilliseconds == -1)
        #expect(Duration.seconds(86_400).wholeMilliseconds == 86_400_000)
    }
}

@Suite struct TenantTests {
    @Test(arguments: ["a", "default", "Org-1", "a.b_c-D9", "..", "-", String(repeating: "x", count: 128)])
    func `names of letters, digits, dot, dash and underscore are valid`(name: String) {
        #expect(Tenant.isValidName(name))
    }

    @Test(arguments: [
        "", " ", "a b", "a/b", "a\\b", "é", "a\n", "a\0", "a:b", "Ａ", "a,b", String(repeating: "x", count: 129),
        String(repeating: "é", count: 64),
    ])
    func `other names are not`(name: String) {
        #expect(!Tenant.isValidName(name))
    }

    @Test func `a tenant is shown as its two names`() {
        #expect(Tenant(organization: "acme", project: "docs").description == "acme/docs")
        #expect(Tenant.default.description == "default/default")
    }

    @Test func `two tenants are the same only if both names are`() {
        #expect(Tenant(organization: "a", project: "b") != Tenant(organization: "b", project: "a"))
        #expect(Tenant(organization: "a", project: "b") != Tenant(organization: "A", project: "b"))
    }
}

@Suite struct SecretTests {
    private struct Holder {
        var secret = Secret("hunter2-hunter2")
        var secrets = ["token": Secret("hunter2-hunter2")]
        var optional: Secret? = Secret("hunter2-hunter2")
    }

    @Test func `no way of printing shows a secret`() {
        let secret = Secret("hunter2-hunter2")
        var dumped = ""
        dump(Holder(), to: &dumped)
        dump(secret, to: &dumped)
        let shown = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])", "\(["k": secret])",
            "\(Holder())", String(reflecting: Holder()), "\(Optional(secret) as Any)", secret.debugDescription, dumped,
            "\(Mirror(reflecting: secret).children.map { "\($0)" })", "\(Set([secret]))",
        ]
        for text in shown { #expect(!text.contains("hunter")) }
        #expect("\(secret)" == "<secret>")
    }

    @Test func `a secret is what was put in`() {
        #expect(Secret("a\0é\n").reveal() == "a\0é\n")
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
    }
}

@Suite struct ImportCountsTests {
    @Test func `the total is the sum over all collections`() {
        var counts = ImportCounts()
        counts["docs"].new = 1
        counts["docs"].updated = 2
        counts["pages"].unchanged = 3
        counts["pages"].failed = 4
        counts["spaces"].skipped = 5
        counts["spaces"].deleted = 6
        #expect(counts.total.imported == 6)
        #expect([counts.total.failed, counts.total.skipped, counts.total.deleted] == [4, 5, 6])
        #expect(counts["nothing"] == ImportCounts.Collection())
        #expect(ImportCounts().total == ImportCounts.Collection())
    }
}
