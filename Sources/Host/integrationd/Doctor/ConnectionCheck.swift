import Client
import Config
import Core
import Engine
import Logging
import PluginHost

/// Whether an integration reaches its source, without a daemon.
struct ConnectionCheck {
    private let integration: Integration
    private let host: PluginHost
    private let canTest: Bool
    /// Those in the settings.
    private let addresses: [String]

    /// As the daemon has it.
    private static let patience = Duration.seconds(30)

    /// Nil for one that does not load or is set up wrongly, which is told of elsewhere.
    init?(_ integration: Configuration.Integration, _ host: PluginHost) {
        guard let description = try? host.describe(integration.name),
            let settings = try? host.validateSettings(of: integration.name, against: description)
        else { return nil }
        self.integration = Integration(integration)
        self.host = host
        canTest = description.capabilities.test
        addresses = (settings.settings.members ?? []).compactMap { member in
            let text = member.value.stringValue ?? ""
            return text.hasPrefix("http://") || text.hasPrefix("https://") ? text : nil
        }
    }

    /// The addresses, and if they answer what the plugin says.
    func findings(_ clock: inout ClockCheck) -> [Finding] {
        var findings: [Finding] = []
        for address in addresses { findings.append(reach(address, &clock)) }
        // What the plugin would say then is known, and it might try for long.
        guard findings.allSatisfy({ $0.level == .good }) else { return findings }
        return findings + [test]
    }

    private func reach(_ address: String, _ clock: inout ClockCheck) -> Finding {
        do throws(ClientError) {
            clock.note(try Reachability.ask(address), of: address)
            return .good("connection", "\(integration.name): \(address) answers")
        } catch {
            return .problem(
                "connection", "\(integration.name): \(address) does not answer: \(error.message)",
                next: "Is the address right?  \(Finding.mayConnect)")
        }
    }

    private var test: Finding {
        guard canTest else { return .cannotTest(integration.name) }
        do throws(RunFailure) {
            let answer = try EntryCalls.call(
                .test, of: integration, with: host, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                within: Self.patience)
            let reply = try answer.object(of: .test)
            return .works(integration.name, as: reply, milliseconds: answer.duration.wholeMilliseconds)
        } catch {
            return error.code == .notSupported
                ? .cannotTest(integration.name)
                : .failed(integration.name, error.code, error.message, hint: error.hint)
        }
    }
}

/// What a connection test finds, whoever made it.
extension Finding {
    static let mayConnect = "May this machine connect to it?  A proxy goes into https_proxy and `env:`."

    static func works(_ name: String, as reply: JSONValue?, milliseconds: Int64) -> Finding {
        let account = reply?["account"]?.stringValue.map { " as \($0.printable)" } ?? ""
        return .good("connection", "\(name): works\(account), \(milliseconds) ms")
    }

    static func cannotTest(_ name: String) -> Finding {
        .remark(
            "connection", "\(name): its plugin cannot test the connection",
            next: "An import shows whether it works: integrationd sync \(name)")
    }

    static func failed(_ name: String, _ code: ErrorCode?, _ message: String, hint: String?) -> Finding {
        let next: String =
            switch code {
            case .settingsInvalid: "See the settings of \(name)."
            case .upstreamUnauthorized: "Put valid credentials into the settings of \(name), or where they come from."
            case .upstreamForbidden: "Let the account of its credentials see what the settings name, or take another."
            case .upstreamNotFound: "See which ids and addresses the settings of \(name) name."
            case .upstreamRateLimited: "Wait a minute; whatever else uses this account uses up its limit."
            case .upstreamUnavailable: "Try again later.  \(mayConnect)"
            case .pluginCrashed, .pluginMisbehaved, .pluginTimeout:
                "Tell the plugin's author; `integrationd plugin check` says more of it."
            default: "See the settings of \(name) and its credentials."
            }
        return .problem(
            "connection", "\(name): \(message.printable)", next: hint ?? next,
            exitCode: code == .settingsInvalid ? .configuration : .environment)
    }
}
