import ArgumentParser
import Client
import Config
import Core
import Foundation
import PluginHost

/// `integrationd doctor`
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look for what is wrong, and say what to do about it.",
        discussion: """
            Looks at the configuration, the worker, the store, the port, the plugin folders, each plugin and its \
            settings, each connection, quarantines and the clock.  Changes nothing.  With --server or INTEGRATIOND_URL \
            that daemon is asked, and what is here is looked at only if there is a configuration.
            Ends with 0 if nothing is wrong, 2 if the configuration is, 3 if something else is.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var server: ServerOptions
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
        var findings: [Finding] = []
        let output = ListOutput()
        func report(_ more: [Finding]) throws {
            findings += more
            // At once: a connection that does not answer takes its time.
            if json {
                try ListOutput.write(json: more.map(\.json))
            } else {
                try output.write(more.flatMap { $0.lines(output.style) })
            }
        }
        var daemon = server.isGiven ? try server.client() : nil
        var clock = ClockCheck()
        if daemon == nil || FileManager.default.fileExists(atPath: common.config) {
            let here = HereCheck(path: common.config)
            try report(here.fileFindings)
            if let configuration = here.configuration {
                try report(here.machine(configuration))
                let port = PortCheck(configuration.server, try server.client())
                try report(port.findings)
                daemon = daemon ?? port.daemon
                try report(here.plugins(configuration))
                if daemon == nil { try report(here.connections(configuration, &clock)) }
            }
        }
        if let daemon { try report(DaemonCheck(daemon).findings(&clock)) }
        try report(clock.findings)
        guard let worst = findings.filter({ $0.level == .problem }).map(\.exitCode.rawValue).min() else { return }
        throw ExitCode(worst)
    }
}
