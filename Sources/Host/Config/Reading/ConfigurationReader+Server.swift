extension ConfigurationReader {
    /// What a server, or a machine, can reasonably be told to allow.
    private static let maximumStreams = 10_000_000

    func server(_ section: Section) -> Configuration.Server {
        defer { section.finish() }
        var server = Configuration.Server()
        server.listen = section.value("listen", as: .listenAddress) ?? server.listen
        server.basePath = section.value("base_path", as: .basePath) ?? ""
        server.heartbeat = section.value("heartbeat", as: .positiveDuration) ?? server.heartbeat
        server.limits = section.section("limits").map(limits) ?? server.limits
        server.tls = section.section("tls").flatMap(tls)
        server.cors = section.section("cors").flatMap(cors)
        return server
    }

    private func limits(_ section: Section) -> Configuration.Server.Limits {
        defer { section.finish() }
        var limits = Configuration.Server.Limits()
        let count = ValueKind<Int>.count(upTo: Self.maximumStreams)
        limits.streams = section.value("streams", as: count) ?? limits.streams
        limits.streamsPerToken =
            section.value("streams_per_token", as: count) ?? limits.streamsPerToken
        limits.body = section.value("body", as: .size) ?? limits.body
        limits.bodyTimeout = section.value("body_timeout", as: .positiveDuration) ?? limits.bodyTimeout
        return limits
    }

    private func tls(_ section: Section) -> Configuration.Server.TLS? {
        defer { section.finish() }
        let certificate = section.required("certificate", as: .path(in: folder))
        let privateKey = section.required("private_key", as: .path(in: folder))
        guard let certificate, let privateKey else { return nil }
        return Configuration.Server.TLS(certificate: certificate, privateKey: privateKey)
    }

    private func cors(_ section: Section) -> Configuration.Server.CORS? {
        defer { section.finish() }
        if !section.has("allowed_origins") {
            report(section.location, "\(section.name) needs the key \"allowed_origins\"")
        }
        return section.list("allowed_origins", of: .origin).map {
            Configuration.Server.CORS(allowedOrigins: $0)
        }
    }

    func store(_ section: Section?) -> Configuration.Store {
        let fallback = Configuration.Store.sqlite(absolute("var/integrationd.db", in: folder))
        guard let section else { return fallback }
        defer { section.finish() }
        if section.has("sqlite"), section.has("postgresql") {
            report(
                section.location, "store has both sqlite and postgresql", hint: "keep one of them")
        }
        let path = section.value("sqlite", as: .path(in: folder))
        let address = section.value("postgresql", as: .connectionString)
        return address.map { .postgresql($0) } ?? path.map { .sqlite($0) } ?? fallback
    }

    func plugins(_ section: Section?) -> Configuration.Plugins {
        let prefix = executableFolder.split(separator: "/").dropLast()
        let fallback = (prefix + ["lib", "integrationd"]).map { "/\($0)" }.joined()
        var plugins = Configuration.Plugins(directories: [fallback])
        guard let section else { return plugins }
        defer { section.finish() }
        plugins.directories =
            section.list("directories", of: .path(in: folder)) ?? plugins.directories
        plugins.isolation = section.value("isolation", as: .name) ?? plugins.isolation
        return plugins
    }

    func runs(_ section: Section) -> Configuration.Runs {
        defer { section.finish() }
        var runs = Configuration.Runs()
        runs.maxConcurrent =
            section.value("max_concurrent", as: .count(upTo: 10_000)) ?? runs.maxConcurrent
        runs.keep = section.value("keep", as: .positiveDuration) ?? runs.keep
        runs.cancelGrace = section.value("cancel_grace", as: .duration) ?? runs.cancelGrace
        runs.stalledAfter =
            section.value("stalled_after", as: .positiveDuration) ?? runs.stalledAfter
        runs.progressRate =
            section.value("progress_rate", as: .count(upTo: 1_000_000)) ?? runs.progressRate
        return runs
    }
}
