import FoundationEssentials
public import PluginKit

extension ImportCall {
    /// Creates or replaces one document given as a value of the plugin's own type; waits while the
    /// daemon is busy.  Its keys have the contract's meaning (`title`, `content`, `updatedAt`, …);
    /// all others become metadata.  Dates are written as RFC 3339.
    ///
    ///     struct Issue: Encodable { var title, content: String; var updatedAt: Date; var labels: [String] }
    ///     try call.upsert(issue, collection: "issues", id: "42")
    public func upsert(_ document: some Encodable, collection: String, id: String) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]  // the same value, the same bytes
        try upsert(collection: collection, id: id, json: Array(encoder.encode(document)))
    }

    /// Where the last import stood, as the type that it was offered as; nil on the first one and on
    /// a full refresh. Throws the error by which the host starts again without it when it does not
    /// fit.
    public func checkpoint<Checkpoint: Decodable>(as type: Checkpoint.Type = Checkpoint.self) throws -> Checkpoint? {
        guard let checkpoint else { return nil }
        do {
            return try JSONDecoder().decode(type, from: Data(checkpoint))
        } catch {
            throw PluginError(
                .checkpointInvalid, code: "checkpoint-invalid", message: "The checkpoint makes no sense: \(error)")
        }
    }

    /// Offers a place to resume from, as JSON.
    public func offerCheckpoint(_ value: some Encodable) throws {
        try offerCheckpoint(Array(JSONEncoder().encode(value)))
    }
}
