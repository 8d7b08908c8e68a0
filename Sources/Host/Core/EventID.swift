/// The id of an event on the wire, `<run id>.<number>`: what a client sends back as
/// `Last-Event-ID`.  Always of `[A-Za-z0-9._-]`, well below 128 bytes.
package struct EventID: Hashable, Sendable, CustomStringConvertible {
    package var run: RunID
    package var sequence: Int64

    package init(run: RunID, sequence: Int64) {
        self.run = run
        self.sequence = sequence
    }

    /// Takes an id that a client sent; nil when this server cannot have made it.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let run = RunID(parts[0]), parts[1].utf8.count <= 18,
            parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let sequence = Int64(parts[1]),
            parts[1] == "0" || !parts[1].hasPrefix("0")
        else { return nil }
        self.init(run: run, sequence: sequence)
    }

    package var description: String { run.description + "." + String(sequence) }
}
