import Core

extension ConfigurationReader {
    /// The integrations in the order of the file.  A file without any is a fresh one, and good.
    func integrations(
        _ entry: YAMLEntry?, isolation: Isolation
    ) -> [Configuration.Integration] {
        guard let entry else { return [] }
        if case .scalar(let scalar) = entry.value.content, scalar.isNull { return [] }
        guard let entries = entry.value.entries else {
            _ = section(entry.value, "integrations", at: entry.keySpan.start)  // reports it
            return []
        }
        return entries.compactMap { integration($0, isolation: isolation) }
    }

    private func integration(
        _ entry: YAMLEntry, isolation: Isolation
    ) -> Configuration.Integration? {
        if !isIntegrationName(entry.key) {
            report(
                entry.keySpan.start, "\(quoted(entry.key)) cannot be the name of an integration",
                hint: "1 to 63 small letters, digits and -, the first one not -")
        }
        let name = "integrations.\(entry.key)"
        guard let section = section(entry.value, name, at: entry.keySpan.start) else { return nil }
        defer { section.finish() }
        let plugin = section.required("plugin", as: .fileName, hint: "write `plugin: libName.so`")
        var integration = Configuration.Integration(
            name: entry.key, plugin: plugin ?? "", displayName: entry.key, enabled: true,
            isolation: isolation, environment: [], limits: .init(), settings: .object([]),
            settingsFromVariables: [])
        readOptions(section, into: &integration)
        readSettings(section, into: &integration)
        return integration
    }

    private func readOptions(_ section: Section, into integration: inout Configuration.Integration) {
        integration.displayName =
            section.value("display_name", as: .string) ?? integration.displayName
        integration.enabled = section.value("enabled", as: .bool) ?? true
        integration.tenant = tenant(section)
        integration.isolation = section.value("isolation", as: .name) ?? integration.isolation
        integration.environment = section.list("env", of: .variableName) ?? []
        integration.sha256 = section.value("sha256", as: .sha256)
        integration.timeout = section.value("timeout", as: .positiveDuration)
        if let limits = section.section("limits") {
            integration.limits.memory = limits.value("memory", as: .size) ?? integration.limits.memory
            integration.limits.cpu = limits.value("cpu", as: .positiveDuration)
            integration.limits.openFiles =
                limits.value("open_files", as: .count(upTo: 1_000_000)) ?? integration.limits.openFiles
            integration.limits.fileSize = limits.value("file_size", as: .size)
            limits.finish()
        }
        integration.allowsMassDelete = section.value("allow_mass_delete", as: .bool) ?? false
        readSchedule(section, into: &integration)
    }

    /// `schedule: every 15m`, or a mapping with `at` and how to follow it.
    private func readSchedule(_ section: Section, into integration: inout Configuration.Integration) {
        guard let entry = section.entry("schedule") else { return }
        guard entry.value.entries != nil else {
            integration.schedule = value(entry.value, section.path("schedule"), as: .schedule)
            return
        }
        guard let inner = self.section(entry.value, section.path("schedule"), at: entry.keySpan.start) else { return }
        integration.schedule = inner.required("at", as: .schedule, hint: "write `at: every 15m`")
        integration.scheduling.jitter = inner.value("jitter", as: .duration)
        integration.scheduling.overlap = inner.value("overlap", as: .name) ?? .skip
        integration.scheduling.catchesUp = inner.value("catch_up", as: .bool) ?? true
        inner.finish()
    }

    private func tenant(_ section: Section) -> Tenant? {
        let organization = section.value("organization", as: .portableName)
        let project = section.value("project", as: .portableName)
        switch (section.has("organization"), section.has("project")) {
        case (true, false):
            report(
                section.location, "\(section.name) has an organization and no project",
                hint: "give both or neither")
        case (false, true):
            report(
                section.location, "\(section.name) has a project and no organization",
                hint: "give both or neither")
        default: break
        }
        guard let organization, let project else { return nil }
        return Tenant(organization: organization, project: project)
    }

    private func isIntegrationName(_ name: String) -> Bool {
        (1...63).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: "-")
            && name.utf8.allSatisfy { byte in
                isDigit(byte) || byte == UInt8(ascii: "-")
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            }
    }
}

extension ConfigurationReader {
    private func readSettings(_ section: Section, into integration: inout Configuration.Integration) {
        guard let entry = section.entry("settings") else { return }
        if case .scalar(let scalar) = entry.value.content, scalar.isNull { return }
        guard entry.value.entries != nil else {
            // Reports it.
            _ = self.section(entry.value, section.path("settings"), at: entry.keySpan.start)
            return
        }
        integration.settings = setting(entry.value, at: [], &integration.settingsFromVariables)
    }

    /// One value as JSON.  What is wrong with it is reported, and it becomes null.
    func setting(
        _ node: YAMLNode, at path: [JSONPathElement], _ fromVariables: inout Set<[JSONPathElement]>
    ) -> JSONValue {
        switch node.content {
        case .invalid: return .null
        case .sequence(let nodes):
            return .array(
                nodes.enumerated().map { index, node in
                    setting(node, at: path + [.index(index)], &fromVariables)
                })
        case .mapping(let entries):
            return .object(
                entries.map { entry in
                    let value = setting(entry.value, at: path + [.key(entry.key)], &fromVariables)
                    return JSONValue.Member(entry.key, value)
                })
        case .scalar(let scalar):
            guard let expanded = expand(scalar, node.span) else { return .null }
            if expanded.usesVariables { fromVariables.insert(path) }
            // Plugins in C would read up to it.
            if expanded.text.utf8.contains(0) { report(node.span.start, "a NUL character") }
            guard scalar.isPlain, expanded.dollars == 0 else { return .string(expanded.text) }
            return json(CoreValue(plain: scalar.text), scalar.text, at: node.span.start)
        }
    }

    private func json(_ value: CoreValue, _ text: String, at location: SourceLocation) -> JSONValue {
        switch value {
        case .null: return .null
        case .bool(let bool): return .bool(bool)
        case .integer(let integer): return .integer(integer)
        case .number(let number): return .number(number)
        case .string: return .string(text)
        case .tooLarge:
            report(
                location, "a number beyond 64 bits", hint: "put it in quotes to make it a string")
        case .notFinite:
            report(
                location, "JSON has no such number", hint: "put it in quotes to make it a string")
        }
        return .null
    }
}
