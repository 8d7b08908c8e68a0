/// A rule that spoils answers. Body of `POST /_simulator/faults`.
struct Fault: Decodable, Sendable {
    enum Action: String, Decodable, Sendable {
        /// Aborts the connection (RST) instead of answering.
        case reset
        /// Announces the whole body, sends half of it and closes.
        case truncate
        /// A gateway's HTML page, 502 unless `status` says otherwise.
        case html
        /// 200 as JSON, but it is not.
        case notJSON = "not-json"
        /// Sends the whole answer, a few bytes at a time.
        case drip
        /// Sends half of the answer and then nothing more.
        case stall
        /// Only waits for `delay`.
        case delay
    }

    struct Match: Decodable, Sendable {
        /// With a `*`: the whole path must fit. Without: part of it.
        var path: String?
        var query: String?
        var method: String?

        func fits(_ request: RequestLine) -> Bool {
            if let method, method.uppercased() != request.method { return false }
            if let query, !request.query.contains(query) { return false }
            guard let path else { return true }
            return path.contains("*") ? glob(path[...], request.path[...]) : request.path.contains(path)
        }
    }

    struct Times: Decodable, Sendable {
        /// nil: always.
        var left: Int?

        init(left: Int?) {
            self.left = left
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // Not a number: then it must be the word, whose error is the one reported.
            left = try? container.decode(Int.self)
            if left == nil, try container.decode(String.self) != "always" {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "times must be a number or \"always\"")
            }
        }
    }

    struct Status: Decodable, Sendable {
        let code: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            code = try container.decode(Int.self)
            guard (200...599).contains(code) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "a status must be between 200 and 599")
            }
        }
    }

    var match: Match?
    var times: Times?
    /// Matching requests to let pass first.
    var skip: Int?
    var status: Status?
    var headers: [String: String]?
    var body: String?
    var action: Action?
    var delay: Span?
    /// Of a hundred requests that match, how many it spoils; all without it.
    var percent: Int?

    /// Replaces the answer, rather than delaying or cutting it.
    var replacesAnswer: Bool {
        status != nil || body != nil || action == .html || action == .notJSON
    }
}

/// Whether `text` fits `pattern`, where `*` is any run of characters.
func glob(_ pattern: Substring, _ text: Substring) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    guard first == "*" else {
        return text.first == first && glob(pattern.dropFirst(), text.dropFirst())
    }
    let rest = pattern.dropFirst()
    return text.indices.contains { glob(rest, text[$0...]) } || glob(rest, "")
}

/// The rules in the order they came; the first that fits and has turns left wins.
struct FaultQueue: Sendable {
    private var faults: [Fault] = []
    /// For rules that spoil some requests only.
    private var dice = Dice(97)

    var count: Int { faults.count }

    mutating func add(_ new: [Fault]) {
        faults += new.filter { $0.times?.left != 0 }
    }

    mutating func removeAll() {
        faults = []
    }

    mutating func take(for request: RequestLine) -> Fault? {
        for index in faults.indices where faults[index].match?.fits(request) ?? true {
            if let skip = faults[index].skip, skip > 0 {
                faults[index].skip = skip - 1
                continue
            }
            let fault = faults[index]
            if let percent = fault.percent, dice.below(100) >= percent { continue }
            use(index)
            return fault
        }
        return nil
    }

    private mutating func use(_ index: Int) {
        let times = faults[index].times ?? Fault.Times(left: 1)
        guard let left = times.left else { return }
        if left <= 1 {
            faults.remove(at: index)
        } else {
            faults[index].times = Fault.Times(left: left - 1)
        }
    }
}
