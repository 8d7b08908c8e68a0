import Core
import Testing

@testable import PluginHost

@Suite struct SecretMaskTests {
    private func mask(_ secrets: String...) -> SecretMask { SecretMask(secrets.map { Secret($0) }) }

    @Test func `a secret is masked wherever it stands`() {
        let mask = mask("hunter2")
        #expect(mask("hunter2") == "***")
        #expect(mask("a hunter2, hunter2hunter2!") == "a ***, ******!")
        #expect(mask("hunter") == "hunter")
        #expect(mask("") == "")
    }

    @Test func `without secrets nothing is changed`() {
        #expect(SecretMask([Secret]())("anything") == "anything")
        #expect(mask("")("anything") == "anything")
    }

    @Test func `a secret too short to be one does not mask half of every text`() {
        #expect(mask("a", "the")("the cat sat") == "the cat sat")
    }

    @Test(arguments: [
        ("quo\"te", #"quo\"te"#), (#"back\slash"#, #"back\\slash"#), ("tab\tbed", #"tab\tbed"#),
        ("a b/c+d", "a%20b%2Fc%2Bd"),
        ("a b/c+d", "a%20b%2fc%2bd"), ("p&ss=w?", "p%26ss%3Dw%3F"), ("ümlaut", "%C3%BCmlaut"),
        ("a/b/c/d", #"a\/b\/c\/d"#),
    ])
    func `a secret is masked as it stands in JSON and in a URL`(secret: String, encoded: String) {
        #expect(mask(secret)("x=\(encoded)&y") == "x=***&y")
        #expect(mask(secret)(secret) == "***")
    }

    @Test(arguments: ["\u{301}", "\u{200D}", "\u{FE0F}", "\u{20E3}", "\u{1F3FB}"])
    func `a character that combines with the secret's last does not save it`(mark: String) {
        let masked = mask("hunter2-abc")("x hunter2-abc\(mark) y")
        #expect(!masked.unicodeScalars.map(String.init).joined().contains("hunter"))
    }

    @Test func `what is equal to Unicode and other bytes is left alone or masked, but nothing breaks`() {
        #expect(mask("cafe\u{301}-token")("a cafe\u{301}-token b") == "a *** b")
        #expect(mask("caf\u{E9}-token")("a caf\u{E9}-token b") == "a *** b")
    }

    @Test func `secrets that hold each other are masked whole`() {
        #expect(mask("token", "token-and-more")("a token-and-more b token c") == "a *** b *** c")
        #expect(mask("more-token", "token")("more-token") == "***")
    }

    @Test func `secrets that overlap leave nothing of either`() {
        let masked = mask("abcdefgh", "efghijkl")("<abcdefghijkl>")
        #expect(masked == "<***>")
        #expect(mask("aabaa-")("aabaa-") == "***")
    }

    @Test func `each line of a secret that has several is masked`() {
        let mask = mask("-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n")
        #expect(mask("line: MIIEvQIBADANBgkq") == "line: ***")
        #expect(mask("hkiG9w0BAQEFAASC") == "***")
    }

    @Test func `a long text that was cut off in the middle of a secret does not show its beginning`() {
        let secret = "correct-horse-battery-staple"
        for size in 4..<secret.count {
            let text = String(repeating: "x", count: 1024 - size) + secret.prefix(size)
            let masked = mask(secret)(text)
            #expect(!masked.contains("corr"), "\(size)")
            #expect(masked.hasSuffix("***"))
        }
    }

    @Test func `a short text that ends like the beginning of a secret is left alone`() {
        #expect(mask("correct-horse")("this is correct") == "this is correct")
    }

    @Test func `every text of a message that people see is masked`() throws {
        let mask = mask("hunter2")
        let messages: [PluginMessage] = [
            .progress(step: "s", message: "hunter2", count: nil, total: nil),
            .log(level: .info, message: "hunter2", fields: "hunter2"),
            .output("hunter2", isError: true), .waiting(until: nil, reason: "hunter2"), .loadFailed("hunter2"),
            .fail(code: "hunter2", message: "hunter2", retryAfter: nil),
            .report(
                ReportedDocument(kind: .note, collection: nil, externalID: nil, code: "hunter2", message: "hunter2")),
        ]
        for message in messages { #expect(!"\(message.masked(by: mask))".contains("hunter2")) }
    }

    @Test func `documents stay as the source has them`() {
        var draft = DocumentDraft(key: DocumentKey(collection: "c", externalID: "1"))
        draft.content = "hunter2"
        guard case .upsert(let kept) = PluginMessage.upsert(draft).masked(by: mask("hunter2")) else { return }
        #expect(kept.content == "hunter2")
    }

    @Test func `random texts keep what is not secret and lose what is`() {
        let mask = mask("abab", "bcbc", "ab\"c")
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0..<30)).map { _ in ["a", "b", "c", "\"", "é"].randomElement()! }.joined()
            let masked = mask(text)
            for secret in ["abab", "bcbc", "ab\"c"] { #expect(!masked.contains(secret), "\(text)") }
            if !["abab", "bcbc", "ab\"c"].contains(where: text.contains) { #expect(masked == text) }
        }
    }
}
