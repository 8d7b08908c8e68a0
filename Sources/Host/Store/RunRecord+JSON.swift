import Core

// The parts of a run that no query asks for stand in its row as JSON.  Reading takes what is there
// and leaves the rest at its default, so a later version may add keys.

extension Run {
    /// What was asked of it.
    var wishes: JSONValue {
        guard endsUnread else { return options.json }
        return .object((options.json.members ?? []) + [.init("endsUnread", true)])
    }
}

extension RunOptions {
    var json: JSONValue {
        [
            "full": .bool(isFull), "collections": .array(collections.map { .string($0) }),
            "settings": settings, "allowMassDelete": .bool(allowsMassDelete),
        ]
    }

    init(json: JSONValue) {
        self.init()
        isFull = json["full"]?.boolValue ?? false
        collections = json["collections"]?.elements?.compactMap(\.stringValue) ?? []
        settings = json["settings"] ?? [:]
        allowsMassDelete = json["allowMassDelete"]?.boolValue ?? false
    }
}

extension RunProgress {
    var json: JSONValue {
        var json: JSONValue = ["step": .string(step), "message": .string(message)]
        json["count"] = count.map { .integer($0) }
        json["total"] = total.map { .integer($0) }
        json["percent"] = percent.map { .number($0) }
        json["etaSeconds"] = etaSeconds.map { .integer($0) }
        return json
    }

    init(json: JSONValue) {
        self.init(
            step: json["step"]?.stringValue ?? "", message: json["message"]?.stringValue ?? "",
            count: json["count"]?.integerValue, total: json["total"]?.integerValue)
        switch json["percent"] {
        case .number(let number): percent = number
        case .integer(let integer): percent = Double(integer)
        default: percent = nil
        }
        etaSeconds = json["etaSeconds"]?.integerValue
    }
}

extension RunFailure {
    var json: JSONValue {
        var json: JSONValue = [
            "code": .string(code.rawValue), "message": .string(message),
            "retryable": .bool(isRetryable),
        ]
        json["hint"] = hint.map { .string($0) }
        return json
    }

    /// A code of another version reads as `internal`.
    init(json: JSONValue) {
        self.init(
            json["code"]?.stringValue.flatMap(ErrorCode.init(rawValue:)) ?? .internal,
            json["message"]?.stringValue ?? "", hint: json["hint"]?.stringValue,
            isRetryable: json["retryable"]?.boolValue ?? false)
    }
}

extension ImportCounts {
    var json: JSONValue {
        .object(
            collections.sorted { $0.key < $1.key }.map { name, counts in
                JSONValue.Member(name, counts.json)
            })
    }

    init(json: JSONValue) {
        self.init()
        for member in json.members ?? [] { self[member.key] = Collection(json: member.value) }
    }
}

extension ImportCounts.Collection {
    private static var names: [(String, WritableKeyPath<Self, Int>)] {
        [
            ("new", \.new), ("updated", \.updated), ("unchanged", \.unchanged),
            ("deleted", \.deleted), ("failed", \.failed), ("skipped", \.skipped),
        ]
    }

    fileprivate var json: JSONValue {
        .object(
            Self.names.map { name, path in
                JSONValue.Member(name, .integer(Int64(self[keyPath: path])))
            })
    }

    fileprivate init(json: JSONValue) {
        self.init()
        for (name, path) in Self.names {
            self[keyPath: path] = json[name]?.integerValue.flatMap { Int(exactly: $0) } ?? 0
        }
    }
}
