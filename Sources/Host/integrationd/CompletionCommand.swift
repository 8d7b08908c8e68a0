import ArgumentParser

/// `integrationd completion SHELL`
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a script that completes commands, options and names in a shell.",
        discussion: """
            bash: integrationd completion bash > ~/.local/share/bash-completion/completions/integrationd
            zsh:  integrationd completion zsh > ~/.zfunc/_integrationd     (with fpath+=~/.zfunc in .zshrc)
            fish: integrationd completion fish > ~/.config/fish/completions/integrationd.fish
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var shell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @Argument(help: "bash, zsh or fish.") var shell: Shell

    func run() throws { try StandardOutput.write(Integrationd.completionScript(for: shell.shell)) }
}
