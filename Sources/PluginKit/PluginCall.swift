public import PluginABI

/// What is fixed for the whole of a call.
public struct CallOptions: Sendable {
    /// Of an import; empty for the other entries.
    public var runID = ""
    /// The entry's name in the YAML.
    public var integration = ""
    /// The entry's settings as a JSON object, defaults filled in, secrets left out.
    public var settings: [UInt8] = Array("{}".utf8)
    /// Where the last import stood; nil on the first one and on a full refresh.
    public var checkpoint: [UInt8]?
    public var isFullRefresh = false
    /// This import's own options leave something out: what it does not see is gone within a scope
    /// only.
    public var isNarrowed = false
    /// nil: all.
    public var collections: [String]?
    public var deadline: Timestamp?
    /// Private to this integration and tenant, kept between runs.
    public var dataFolder = ""
    /// Private, removed after the call.
    public var tempFolder = ""

    public init() {}
}

/// A call of one of a plugin's entries: what the host gave, and what every entry can tell it.
/// `ImportCall` is the import's, `EntryCall` that of the others.
public protocol PluginCall: Sendable {
    var options: CallOptions { get }
    var host: any HostServices { get }
}

extension PluginCall {
    public var integration: String { options.integration }
    public var dataFolder: String { options.dataFolder }
    public var tempFolder: String { options.tempFolder }

    /// The host wants the call to end. The task is cancelled then too, so code that awaits need
    /// not ask.
    public var isCancelled: Bool { Task.isCancelled || host.isCancelled }

    /// The settings as the host checked them: an object with defaults and without secrets.  The
    /// module PluginKitCodable reads them as a type of the plugin's own.
    public func settings() throws -> JSONValue {
        do {
            return try JSONValue(parsing: options.settings)
        } catch {
            throw PluginError(
                .invalidSettings, code: "settings-invalid",
                message: "The settings do not fit this plugin: \(error)")
        }
    }

    /// A secret that the YAML grants this integration. Keep it no longer than needed, and out of
    /// logs and errors.
    public func secret(_ name: String) -> String? { host.secret(name) }

    /// The call waits for something outside until then; nil when it goes on.
    public func waiting(until: Timestamp?, reason: String = "") {
        host.waiting(until: until, reason: reason)
    }

    /// One line in the log.
    public func log(_ level: LogLevel, _ message: String, _ fields: [String: String] = [:]) {
        host.log(level, message, fields: fields)
    }

    /// The limit of an account at the source, which the host shares out among all its calls; nil
    /// from a host without that extension.
    ///
    /// - Parameter account: names it within this plugin: a hash of the token, never the token.
    public func rateLimit(account: String) -> RateLimit? {
        host.sharesRateLimits ? RateLimit(account: account, host: host) : nil
    }

    /// Calls `body` with a group of host functions by its id, such as
    /// `INTEGRATION_EXT_RATE_LIMIT`; nil when the host has no such group. Neither pointer may be
    /// kept.
    public func withExtension<Functions, Result>(
        _ id: String, as functions: Functions.Type,
        _ body: (UnsafePointer<integration_host>, UnsafePointer<Functions>) throws -> Result
    ) rethrows -> Result? {
        try (host as? HostBridge)?.withExtension(id, body)
    }
}
