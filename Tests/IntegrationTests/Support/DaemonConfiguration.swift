import FoundationEssentials

/// A configuration file for a daemon on any free port, with a store beside the file.
struct DaemonConfiguration: Sendable {
    /// Lines of `server:` beside `listen`.
    var server: [String] = []
    /// Lines of `runs:`.
    var runs: [String] = []
    /// Whole sections, such as `auth:` with all below it.
    var more = ""
    var integrations: [Integration]
    /// 0: any that is free.  Another one is that of a daemon which is gone.
    var port = 0

    struct Integration: Sendable {
        var name: String
        /// The fixture's name, which is compiled before the daemon is started.
        var fixture: String
        /// Lines of the integration beside `plugin` and `settings`.
        var lines: [String] = []
        /// Lines of `settings:`.
        var settings: [String] = []

        /// - Parameter name: nil: the fixture's, with `-` for `_`.
        static func fixture(
            _ fixture: String, name: String? = nil, settings: [String] = [], _ lines: [String] = []
        ) -> Integration {
            let own = fixture.split(separator: "_").joined(separator: "-")
            return Integration(name: name ?? own, fixture: fixture, lines: lines, settings: settings)
        }
    }

    init(
        server: [String] = [], runs: [String] = [], more: String = "", _ integrations: Integration...
    ) {
        (self.server, self.runs, self.more, self.integrations) = (server, runs, more, integrations)
    }

    var yaml: String {
        var lines = ["server:", "  listen: 127.0.0.1:\(port)"] + server.map { "  " + $0 }
        lines += ["store:", "  sqlite: store.db"]
        lines += ["plugins:", "  directories: [\(FixturePlugins.directory.path)]"]
        if !runs.isEmpty { lines += ["runs:"] + runs.map { "  " + $0 } }
        lines += [more, "integrations:"]
        for integration in integrations {
            lines += ["  \(integration.name):", "    plugin: \(integration.fixture).so"]
            lines += integration.lines.map { "    " + $0 }
            if !integration.settings.isEmpty { lines += ["    settings:"] + integration.settings.map { "      " + $0 } }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
