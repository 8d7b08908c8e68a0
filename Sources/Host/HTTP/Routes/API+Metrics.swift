import Core
import Engine
import HTTPTypes
import Hummingbird
import NIOCore

extension API {
    var metricsRoutes: [Route] { [Route(.get, "/metrics", nil, showMetrics)] }

    /// Holds names of integrations and no names of tenants or documents.
    @Sendable private func showMetrics(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: metricsText())))
    }

    private func metricsText() -> String {
        let metrics = scheduler.services.metrics
        // Also those of which there are none: a missing series alarms nobody.
        var active = Dictionary(
            uniqueKeysWithValues: RunStatus.allCases.filter { !$0.isTerminal }.map { ($0.rawValue, 0) })
        for run in scheduler.activeRuns { active[run.snapshot.status.rawValue, default: 0] += 1 }
        var text = PrometheusText()
        text.gauge("integrationd_runs", "Runs that have not ended.", by: "status", active)
        text.counter(
            "integrationd_runs_ended_total", "Runs that ended.", by: "status",
            metrics.runsEnded.values.padded(RunStatus.allCases.filter(\.isTerminal).map(\.rawValue)))
        text.counter(
            "integrationd_events_total", "Events of runs.", by: "event",
            metrics.events.values.padded(["progress", "complete", "error"]))
        text.gauge("integrationd_streams_open", "Streams that clients read now.", openStreams.count)
        text.counter(
            "integrationd_stream_disconnects_total", "Streams that ended.", by: "reason",
            metrics.disconnects.values.padded(StreamReader.End.allCases.map(\.rawValue)))
        text.counter(
            "integrationd_stream_resumes_total", "Readers that came back with a cursor.", by: "outcome",
            metrics.resumes.values.padded(["live", "stored", "ended", "refused"]))
        text.counter(
            "integrationd_plugin_crashes_total", "Runs whose plugin ended its process.", by: "integration",
            metrics.pluginCrashes.values.padded(integrations.map(\.name)))
        let quarantines = scheduler.services.quarantines
        text.gauge(
            "integrationd_plugin_quarantined", "Whether a plugin is not run because it crashed repeatedly.",
            by: "integration",
            Dictionary(
                uniqueKeysWithValues: integrations.map {
                    ($0.name, quarantines.record(of: $0.name) == nil ? 0 : 1)
                }))
        text.histogram(
            "integrationd_store_batch_seconds", "Time to write a batch of an import.", metrics.storeBatches.reading)
        return text.text
    }
}

extension [String: Int] {
    /// With a zero for each of these that is not there.
    fileprivate func padded(_ labels: [String]) -> Self {
        labels.reduce(into: self) { $0[$1, default: 0] += 0 }
    }
}
