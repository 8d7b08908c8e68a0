import ArgumentParser
import ClickUp
import Glibc

/// Registers, lists and removes the webhooks by which ClickUp tells a daemon what has changed. A
/// tool of its own: the daemon needs no right to change anything in ClickUp.
@main
struct ClickUpWebhooks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clickup-webhooks",
        abstract: "Registers, lists and removes a ClickUp workspace's webhooks.",
        discussion: "The token is taken from CLICKUP_API_TOKEN: an argument could be read by everyone on the machine.",
        subcommands: [List.self, Register.self, Remove.self])

    struct Options: ParsableArguments {
        @Option(help: "The workspace's number.")
        var workspace: String

        @Option(help: "Another address of the API.")
        var baseURL = "https://api.clickup.com"

        func registry() throws -> WebhookRegistry {
            guard let token = getenv("CLICKUP_API_TOKEN").map({ String(cString: $0) }), !token.isEmpty else {
                throw ValidationError("CLICKUP_API_TOKEN is not set.")
            }
            return try WebhookRegistry(workspace: workspace, token: token, baseURL: baseURL)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Those that this token's user has made.")
        @OptionGroup var options: Options

        func run() async throws {
            let webhooks = try await options.registry().list()
            if webhooks.isEmpty { print("There are none.") }
            for webhook in webhooks { print("\(webhook.id)  \(webhook.health)  \(webhook.endpoint)") }
        }
    }

    struct Register: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes one, and prints its secret, which becomes the setting webhook_secret.")
        @OptionGroup var options: Options

        @Argument(help: "Where ClickUp is to send: https://…/integrations/<name>/webhook")
        var endpoint: String

        func run() async throws {
            let webhook = try await options.registry().register(endpoint)
            print("id:     \(webhook.id)\nsecret: \(webhook.secret)")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes one by its id.")
        @OptionGroup var options: Options

        @Argument(help: "The id, as `list` shows it.")
        var id: String

        func run() async throws { try await options.registry().remove(id) }
    }
}
