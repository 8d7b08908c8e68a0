/// A line of a run's own log: what the plugin logged, and what it wrote to stdout and stderr.
package struct RunLogLine: Sendable, Equatable {
    package enum Source: String, Sendable {
        case plugin, stdout, stderr, host
    }

    package var time: Timestamp
    /// `info`, `warning`, …
    package var level: String
    package var source: Source
    /// Without the integration's secrets.
    package var message: String

    package init(time: Timestamp, level: String, source: Source, message: String) {
        self.time = time
        self.level = level
        self.source = source
        self.message = message
    }
}
