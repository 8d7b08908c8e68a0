import FoundationEssentials

/// Why a text is not JSON.
package struct JSONSyntaxError: Error, CustomStringConvertible {
    package var description: String
}

extension JSONValue {
    /// Reads one JSON value.
    ///
    /// For settings, manifests and request bodies: small texts that a person or a program wrote.
    /// The order of keys is not kept here, since Foundation's decoder does not tell it.
    package init(parsing text: some Sequence<UInt8>) throws(JSONSyntaxError) {
        do {
            self = try JSONDecoder().decode(JSONValue.self, from: Data(text))
        } catch DecodingError.dataCorrupted(let context) {
            throw JSONSyntaxError(description: context.debugDescription)
        } catch {
            throw JSONSyntaxError(description: "not JSON")
        }
    }

    package init(parsing text: String) throws(JSONSyntaxError) {
        try self.init(parsing: text.utf8)
    }
}

extension JSONValue: Decodable {
    package init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: AnyKey.self) {  // not an object: go on
            self = .object(
                try container.allKeys.map {
                    Member($0.stringValue, try container.decode(JSONValue.self, forKey: $0))
                })
        } else if var container = try? decoder.unkeyedContainer() {  // not an array: go on
            var elements: [JSONValue] = []
            while !container.isAtEnd { elements.append(try container.decode(JSONValue.self)) }
            self = .array(elements)
        } else {
            self = try Self.scalar(in: decoder.singleValueContainer())
        }
    }

    private static func scalar(in container: any SingleValueDecodingContainer) throws -> JSONValue {
        if container.decodeNil() { return .null }
        // Each attempt that fails means "another type"; the last one throws for real.
        if let bool = try? container.decode(Bool.self) { return .bool(bool) }
        if let integer = try? container.decode(Int64.self) { return .integer(integer) }
        if let number = try? container.decode(Double.self) { return .number(number) }
        return .string(try container.decode(String.self))
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
