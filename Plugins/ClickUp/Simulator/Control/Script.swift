import ArgumentParser
import FoundationEssentials
import Synchronization

/// What `--script FILE` holds: the bodies of the control API, applied in this order before the first request.
struct Script: Decodable {
    var options: OptionsChange?
    var docs: [DocChange]?
    var faults: [Fault]?

    static func read(from path: String) throws -> Script {
        do {
            return try JSONDecoder().decode(Script.self, from: Data(contentsOf: URL(filePath: path)))
        } catch let error as DecodingError {
            throw ValidationError("\(path): \(describe(error))")
        } catch {
            throw ValidationError("\(path) cannot be read; check that it exists and may be read.")
        }
    }

    func run(on simulator: Simulator) throws {
        if let options { simulator.change(options) }
        for doc in docs ?? [] {
            _ = try simulator.edit { library, now in library.add(doc, now: now) }
        }
        simulator.faults.withLock { $0.add(faults ?? []) }
    }
}

/// One sentence: where in the JSON, and what is wrong there.
func describe(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
        let keys = context.codingPath + (key.map { [$0] } ?? [])
        return keys.isEmpty ? "the JSON" : keys.map(\.stringValue).joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let key, let context): "\(place(context, key)) is missing"
    case .typeMismatch(let type, let context): "\(place(context)) must be \(type)"
    case .valueNotFound(let type, let context): "\(place(context)) must be \(type), not null"
    case .dataCorrupted(let context): "\(place(context)): \(context.debugDescription)"
    @unknown default: "\(error)"
    }
}
