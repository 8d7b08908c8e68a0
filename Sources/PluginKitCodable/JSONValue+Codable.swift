import FoundationEssentials
public import PluginKit

// A module of its own, since Foundation's coders cost a plugin milliseconds each time it is loaded.

extension JSONValue {
    /// What an `Encodable` value looks like as JSON: for metadata that has a type of its own.
    public init(encoding value: some Encodable) throws {
        try self.init(parsing: Array(JSONEncoder().encode(value)))
    }

    /// Reads a `Decodable` out of this value.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(utf8))
    }
}

extension PluginCall {
    /// The settings as a type of the plugin's own.  Throws a `PluginError` for the person who wrote
    /// the YAML when they do not fit.
    public func settings<Settings: Decodable>(
        _ type: Settings.Type = Settings.self
    ) throws -> Settings {
        let settings = try settings()
        do {
            return try settings.decode(type)
        } catch {
            throw PluginError(
                .invalidSettings, code: "settings-invalid",
                message: "The settings do not fit this plugin: \(error)")
        }
    }
}
