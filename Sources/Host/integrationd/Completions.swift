import ArgumentParser
import Config
import Foundation

extension CompletionKind {
    /// Names of integrations in the configuration of the working directory.
    static var integrations: CompletionKind {
        .custom { _, _, prefix in
            // Whoever presses the tab key is not told what is wrong with a file.
            let configuration = try? Configuration.load(
                path: "integrations.yaml", environment: ProcessInfo.processInfo.environment,
                executableFolder: Executable.folder)
            return configuration?.integrations.map(\.name).filter { $0.hasPrefix(prefix) } ?? []
        }
    }
}
