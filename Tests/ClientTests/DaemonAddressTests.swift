import Client
import Testing

@Suite("The address of a daemon")
struct DaemonAddressTests {
    @Test func `an address is kept as it is, without slashes at its end`() throws {
        #expect(try DaemonAddress("http://127.0.0.1:3001/").description == "http://127.0.0.1:3001")
        #expect(try DaemonAddress("https://sync.example.com/api//").description == "https://sync.example.com/api")
        #expect(DaemonAddress.standard.description == "http://127.0.0.1:3001")
    }

    @Test(arguments: ["http://localhost:1", "http://127.1.2.3", "http://[::1]:3001", "HTTP://LocalHost/x"])
    func `what stays on this machine is known`(text: String) throws {
        #expect(try DaemonAddress(text).isLoopback)
    }

    @Test(arguments: ["http://example.com", "https://10.0.0.1:3001", "http://localhost.example.com"])
    func `and so is what does not`(text: String) throws { #expect(try !DaemonAddress(text).isLoopback) }

    @Test(arguments: [
        "", "127.0.0.1:3001", "ftp://x", "http://", "http://:80", "http://x:0", "http://x:99999", "http://x:y",
        "http://x/?a=b", "http://x/#a", "http://[::1", "http://a b", "http://x/\nHost: y", "http://[]:1",
    ])
    func `what is no address is refused`(text: String) {
        #expect(throws: ClientError.self) { try DaemonAddress(text) }
    }

    @Test func `a password in an address is refused and not repeated`() throws {
        let error = try #require(throws: ClientError.self) { try DaemonAddress("http://me:s3cret@example.com") }
        #expect(!"\(error)".contains("s3cret"))
    }

    @Test func `parts of paths are escaped`() {
        #expect(DaemonClient.escape("a/b c?é~") == "a%2Fb%20c%3F%C3%A9~")
    }
}
