/// What another reading of the file changes.
package struct ConfigurationChange: Sendable, Equatable {
    /// Names of integrations, each list in the order of its file.
    package var added: [String]
    package var changed: [String]
    package var removed: [String]
    package var unchanged: [String]
    /// `auth`, `plugins`, `runs`: what else is different and can be while the daemon runs.
    package var sections: [String]
    /// `server`, `store`: what is different and takes a restart.
    package var fixedSections: [String]

    package init(from old: Configuration, to new: Configuration) {
        let before = Dictionary(
            old.integrations.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        added = new.integrations.map(\.name).filter { before[$0] == nil }
        changed = new.integrations.filter { before[$0.name] != nil && before[$0.name] != $0 }.map(\.name)
        unchanged = new.integrations.filter { before[$0.name] == $0 }.map(\.name)
        let names = Set(new.integrations.map(\.name))
        removed = old.integrations.map(\.name).filter { !names.contains($0) }
        sections = [
            ("auth", old.authentication != new.authentication), ("plugins", old.plugins != new.plugins),
            ("runs", old.runs != new.runs),
        ].filter(\.1).map(\.0)
        fixedSections = [("server", old.server != new.server), ("store", old.store != new.store)]
            .filter(\.1).map(\.0)
    }

    /// Added, changed or removed.
    package var applied: [String] { added + changed + removed }
}
