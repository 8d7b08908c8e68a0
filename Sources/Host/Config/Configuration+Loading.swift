import FoundationEssentials

extension Configuration {
    /// Bytes of a file that is read.
    package static let maximumFileSize = 1 << 20

    /// Reads and checks a file.
    ///
    /// - Parameters:
    ///   - environment: where `${NAME}` is looked up.
    ///   - executableFolder: the absolute path of the folder that the program is in; the default
    ///     plugin directory is beside it.
    package static func load(
        path: String, environment: [String: String], executableFolder: String
    ) throws(ConfigurationErrors) -> Configuration {
        let bytes: [UInt8]
        do throws(FileReadingError) {
            bytes = try readFile(path, limit: maximumFileSize, onlyRegular: false)
        } catch {
            throw .wholeFile(path, "cannot read the file: \(error.reason)")
        }
        let current = FileManager.default.currentDirectoryPath
        let full = absolute(path, in: current)
        let folder = full.lastIndex(of: "/").map { String(full[..<$0]) } ?? current
        return try parse(
            bytes, file: path, folder: folder.isEmpty ? "/" : folder, environment: environment,
            executableFolder: executableFolder)
    }

    /// Checks the content of a file.
    ///
    /// - Parameters:
    ///   - file: what messages call it.
    ///   - folder: the absolute path at which its relative ones begin.
    package static func parse(
        _ bytes: some Sequence<UInt8>, file: String, folder: String,
        environment: [String: String], executableFolder: String
    ) throws(ConfigurationErrors) -> Configuration {
        let bytes = Array(bytes)
        let source = SourceText(file: file, bytes: bytes)
        let tree = try tree(bytes, source)
        let reader = ConfigurationReader(
            source: source, tree: tree, environment: environment, folder: folder,
            executableFolder: executableFolder)
        let configuration = reader.configuration(tree.root)
        if let configuration, reader.problems.isEmpty { return configuration }
        throw source.errors(reader.problems, hiding: reader.hidden)
    }

    static func tree(
        _ bytes: [UInt8], _ source: SourceText
    ) throws(ConfigurationErrors) -> YAMLTree {
        guard bytes.count <= maximumFileSize else {
            throw .wholeFile(source.file, "the file is larger than \(maximumFileSize / 1024) KiB")
        }
        if let offset = firstBinaryByte(in: bytes) {
            let what = bytes[offset] == 0 ? "a NUL byte" : "not UTF-8"
            let location = source.location(ofByte: offset)
            throw .wholeFile(source.file, "the file is not text: \(what) here", at: location)
        }
        var composer = YAMLComposer(YAMLEvents(bytes, source: source))
        do throws(YAMLSyntaxError) {
            if let root = try composer.document(), !isNull(root) {
                return YAMLTree(
                    root: root, problems: composer.problems, rejected: composer.rejected)
            }
        } catch {
            let problem = Problem(
                location: error.location, message: error.message, hint: error.hint)
            let hidden = SecretPlaces.spans(besides: error, of: source)
            throw source.errors([problem], hiding: hidden)
        }
        throw .wholeFile(source.file, "the file is empty")
    }

    private static func isNull(_ root: YAMLNode) -> Bool {
        if case .scalar(let scalar) = root.content { scalar.isNull } else { false }
    }
}

extension ConfigurationErrors {
    static func wholeFile(
        _ file: String, _ message: String, at location: SourceLocation = .init(line: 1, column: 1)
    ) -> ConfigurationErrors {
        ConfigurationErrors([
            ConfigurationError(
                file: file, line: location.line, column: location.column, message: message)
        ])
    }
}

extension ConfigurationReader {
    /// All of the file; what it returns counts only if nothing was reported.
    fileprivate func configuration(_ root: YAMLNode) -> Configuration? {
        guard let entries = root.entries else {
            report(
                root.span.start, "the file must be a mapping, not \(root.kind)",
                hint: "begin with `integrations:`")
            return nil
        }
        let file = Section(name: "", location: root.span.start, entries: entries, reader: self)
        defer { file.finish() }
        let serverSection = file.section("server")
        let server = serverSection.map(server) ?? Configuration.Server()
        let authentication = file.section("auth").flatMap(authentication)
        if !file.has("auth"), !server.listen.isLoopback {
            report(
                serverSection?.locationOfValue("listen") ?? file.location,
                "server.listen is reachable from outside, and there is no auth",
                hint: "add auth.tokens, or listen on 127.0.0.1")
        }
        let store = store(file.section("store"))
        let plugins = plugins(file.section("plugins"))
        let runs = file.section("runs").map(runs) ?? Configuration.Runs()
        let integrationsEntry = file.entry("integrations")
        let named = integrationsEntry?.value.entries ?? []
        return Configuration(
            server: server, authentication: authentication, store: store, plugins: plugins,
            runs: runs,
            integrations: integrations(integrationsEntry, isolation: plugins.isolation),
            folder: folder,
            places: ConfigurationPlaces(
                source: source, hidden: hidden, sections: Self.byKey(entries),
                integrations: Self.byKey(named)))
    }

    /// The first of each key; a second one is an error that was reported.
    private static func byKey(_ entries: [YAMLEntry]) -> [String: YAMLEntry] {
        Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
