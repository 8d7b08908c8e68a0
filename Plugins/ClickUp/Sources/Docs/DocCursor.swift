/// Walks one listing of docs, page by page, and notices when it goes in circles: the service has
/// had two names for the parameter, and ignores the one it does not know.
struct DocCursor {
    enum Position: Sendable, Equatable {
        case first
        case cursor(String)
        /// The parameter's older name.
        case nextCursor(String)
    }

    enum Step: Equatable {
        case next(Position)
        case end
        /// The same again under both names: the rest of the listing cannot be reached.
        case incomplete
    }

    private(set) var position: Position
    private var usesOlderName = false
    private var followed: Set<String> = []

    init(_ position: Position = .first) {
        self.position = position
        if case .nextCursor = position { usesOlderName = true }
    }

    /// What comes after an answer that brought `newDocs` docs not seen before in this listing.
    /// `next` is the answer's `next_cursor`.
    mutating func advance(newDocs: Int, next: String?) -> Step {
        guard let next, !next.isEmpty else { return .end }
        let isStuck = followed.contains(next) || (newDocs == 0 && position != .first)
        if !isStuck {
            followed.insert(next)
            position = usesOlderName ? .nextCursor(next) : .cursor(next)
            return .next(position)
        }
        if case .cursor(let same) = position {
            usesOlderName = true
            position = .nextCursor(same)
            return .next(position)
        }
        return .incomplete
    }

    var query: [(name: String, value: String)] {
        switch position {
        case .first: []
        case .cursor(let text): [("cursor", text)]
        case .nextCursor(let text): [("next_cursor", text)]
        }
    }
}
