import FoundationEssentials

/// What the build made, and what of the checkout the tests use.
enum BuildProducts {
    /// The folder of the built programs: that of the running test program, so that it is the right one in debug and
    /// in release.
    static let folder: URL = {
        let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        // Without /proc: the name that the program was started by.
        return URL(filePath: program ?? CommandLine.arguments[0]).deletingLastPathComponent()
    }()

    /// The root of the checkout.
    static let checkout: URL = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in
        url.deletingLastPathComponent()
    }

    static var daemon: URL { folder.appending(path: "integrationd") }
    static var worker: URL { folder.appending(path: "integrationd-worker") }
    static var simulator: URL { folder.appending(path: "clickup-simulator") }
    static var webhookTool: URL { folder.appending(path: "clickup-webhooks") }
    static var pluginHeaders: URL { checkout.appending(path: "Sources/PluginABI/include") }

    /// Where sources of plugins for tests are: those that all tests share, and those of this target.
    static let fixtureFolders = ["Tests/Fixtures/Plugins", "Tests/IntegrationTests/Fixtures"].map {
        checkout.appending(path: $0)
    }
}
