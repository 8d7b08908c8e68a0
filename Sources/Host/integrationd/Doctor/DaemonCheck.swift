import Client
import Core
import Foundation
import Terminal

/// What a running daemon says of itself and its integrations.
struct DaemonCheck {
    private let client: DaemonClient

    init(_ client: DaemonClient) { self.client = client }

    func findings(_ clock: inout ClockCheck) -> [Finding] {
        var findings: [Finding] = []
        do throws(ClientError) {
            let start = ContinuousClock.now
            let answer = try client.send("GET", "/readyz")
            clock.note(answer.date.flatMap { Timestamp(httpDate: $0) }, of: "\(client.address)")
            findings.append(.good("daemon", "\(client.address) is ready, \(Self.milliseconds(start)) ms away"))
            if client.token != nil, !client.address.isEncrypted, !client.address.isLoopback {
                findings.append(
                    .remark(
                        "daemon", "the token goes to \(client.address) in clear text",
                        next: "Use https://, with server.tls or a proxy."))
            }
            for integration in try client.list("/integrations") { findings += self.findings(integration) }
        } catch {
            findings.append(Self.problem("daemon", error))
        }
        return findings
    }

    private static func problem(_ check: String, _ error: ClientError) -> Finding {
        let next: String =
            switch error.kind {
            case .refused(status: 401): "A token that the daemon knows goes into INTEGRATIOND_TOKEN or --token-file."
            case .refused(status: 403): "The token needs the scope integrations:read, or is for other tenants."
            case .refused(status: 503): "The daemon is stopping: wait, or start it again."
            default: error.hint ?? "The daemon's log says more."
            }
        return .problem(check, error.message, next: next)
    }

    private func findings(_ integration: JSONValue) -> [Finding] {
        let name = integration.text("name")
        if let quarantine = integration["quarantine"], quarantine.members != nil {
            let until = quarantine.time("nextTry").map { " until \($0.local)" } ?? ""
            return [
                .problem(
                    "quarantine", "\(name) is not run\(until): \(quarantine.text("reason"))",
                    next: "Replace the plugin's file, or try it again: integrationd plugin retry \(name)")
            ]
        }
        if let error = integration["pluginError"], error["code"] != nil {
            let hint = error.text("hint")
            return [
                .problem(
                    "plugin", "\(name): \(error.text("message"))",
                    next: hint.isEmpty ? "integrationd check, on the daemon's machine, says more." : hint)
            ]
        }
        guard integration["enabled"]?.boolValue ?? true else { return [] }
        return [connection(name, integration)]
    }

    private func connection(_ name: String, _ integration: JSONValue) -> Finding {
        guard integration["capabilities"]?["test"]?.boolValue ?? false else { return .cannotTest(name) }
        do throws(ClientError) {
            let answer = try client.json(client.send("POST", "/integrations/\(DaemonClient.escape(name))/test"))
            guard answer["success"]?.boolValue ?? false else {
                return .failed(
                    name, ErrorCode(rawValue: answer.text("code")), answer.text("error"),
                    hint: answer["hint"]?.stringValue)
            }
            return .works(name, as: answer, milliseconds: answer.number("latencyMs"))
        } catch {
            if case .refused(status: 403) = error.kind {
                return .remark(
                    "connection", "\(name): the token may not try it",
                    next: "Use one with the scope integrations:write.")
            }
            if case .refused(let status) = error.kind, [404, 405, 501].contains(status) {
                return .remark(
                    "connection", "\(name): this daemon cannot test connections",
                    next: "An import shows whether it works: integrationd sync \(name)")
            }
            return Self.problem("connection", error)
        }
    }

    private static func milliseconds(_ start: ContinuousClock.Instant) -> Int64 {
        start.duration(to: .now).wholeMilliseconds
    }
}

/// Compares this machine's clock with those of the machines that were asked.
struct ClockCheck {
    private var others: [(place: String, ahead: Int64)] = []

    /// Schedules, certificates and signatures bear this much.
    private static let tolerance: Int64 = 30
    /// 2025-01-01: no machine that runs this is older.
    private static let earliest = Timestamp(milliseconds: 1_735_689_600_000)

    mutating func note(_ time: Timestamp?, of place: String) {
        // A header has whole seconds.
        if let time { others.append((place, (time.milliseconds - Timestamp.now.milliseconds) / 1000)) }
    }

    var findings: [Finding] {
        let now = Timestamp.now
        let next = "Let the system set the clock: timedatectl set-ntp true"
        guard now > Self.earliest else { return [.problem("clock", "it says \(now)", next: next)] }
        let wrong = others.filter { abs($0.ahead) > Self.tolerance }
        guard wrong.isEmpty else {
            return wrong.map { other in
                let direction = other.ahead > 0 ? "behind" : "ahead of"
                return .problem(
                    "clock",
                    "this machine's clock is \(Words.span(abs(other.ahead))) \(direction) that of \(other.place)",
                    next: next)
            }
        }
        let compared = others.isEmpty ? "" : ", as \(others.map(\.place).joined(separator: " and ")) says"
        return [.good("clock", "\(now)\(compared)")]
    }
}
