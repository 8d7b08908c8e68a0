import FoundationEssentials

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
