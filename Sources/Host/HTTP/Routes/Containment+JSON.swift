import Core

extension PluginSummary {
    /// What keeps the plugin in its place: each measure on or off, each limit or null.
    ///
    /// - Parameter timeout: of a run.
    func containmentJSON(timeout: Duration?) -> JSONValue {
        func limit(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        let seconds = timeout.map { Int(clamping: $0.wholeMilliseconds / 1000) }
        let members: [JSONValue.Member] =
            [
                .init("isolation", .string(isolation.rawValue)),
                .init("process", .bool(isolation == .process)),
            ] + containment.measures.map { .init($0.name, .bool($0.isOn)) }
        let limits: JSONValue = [
            "memory": limit(limits.memory), "cpuSeconds": limit(limits.cpuSeconds),
            "openFiles": limit(limits.openFiles), "fileSize": limit(limits.fileSize),
            "wallClockSeconds": limit(seconds),
        ]
        return .object(members + [.init("limits", limits)])
    }
}
