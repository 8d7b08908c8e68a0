import Core
import Engine
import PluginHost
import Probe

/// What an import says.
let importRules: [Rule] = [
    Rule(17, "settings", "takes the settings it is checked with", needs: .description, opens: .importing) {
        subject throws(Verdict) in _ = try subject.checkedSettings()
    },
    Rule(18, "import", "imports in the daemon's own worker", needs: .importing, opens: .importing, isAboutOutcome: true)
    {
        subject throws(Verdict) in try importInWorker(subject)
    },
    Rule(19, "documents", "emits documents that the host takes, with known keys in their types", needs: .importing) {
        subject throws(Verdict) in
        for call in try subject.succeeding().calls(of: PROBE_UPSERT) {
            let name = "\(call.text(0) ?? "NULL")/\(call.text(1) ?? "NULL")"
            guard call.answer == 0, let document = call.document else {
                throw .failed("the host refuses \(name): \(refusal(of: call))")
            }
            if let problem = problem(in: document) { throw .failed("\(name): \(problem)") }
        }
    },
    Rule(
        20, "declared-collections", "emits into collections of its manifest only", needs: .importing,
        isAboutOutcome: true
    ) {
        subject throws(Verdict) in
        let declared = Set(try subject.described().collections)
        guard !declared.isEmpty else { throw .skipped("its manifest declares none") }
        for call in try subject.succeeding().calls
        where [PROBE_UPSERT, PROBE_COMPLETE, PROBE_REMOVE].contains(call.function) {
            guard let name = call.text(0), Contract.isName(name, withDashes: true), !declared.contains(name) else {
                continue
            }
            throw .failed("\(call.function.name) names \"\(name)\", which is not in the manifest's \"collections\"")
        }
    },
    Rule(21, "unique-ids", "gives each document an id of its own", needs: .importing, isAboutOutcome: true) {
        subject throws(Verdict) in
        // A document may come again with another revision, such as one that was not final.
        var seen: [DocumentKey: JSONValue] = [:]
        for call in try subject.succeeding().calls(of: PROBE_UPSERT) where call.answer == 0 {
            guard let key = call.key, let document = call.document?.members else { continue }
            let content = JSONValue.object(document.filter { $0.key != "revision" })
            if let other = seen.updateValue(content, forKey: key), other != content {
                throw .failed("\(key.collection)/\(key.externalID) was emitted twice with different contents")
            }
        }
    },
    Rule(
        22, "repeatable", "gives the same documents each time", needs: .importing, opens: .repeating,
        isAboutOutcome: true
    ) {
        subject throws(Verdict) in
        let first = Harvest(try subject.ordinaryImport())
        if let difference = Harvest(try subject.succeeding()).difference(from: first) {
            throw .failed("in a second import \(difference)")
        }
    },
    Rule(23, "same-imports", "gives the same documents with and without progress", needs: .repeating) {
        subject throws(Verdict) in
        let symbols = try subject.asked().symbols
        guard symbols & 4 != 0, symbols & 8 != 0 else { throw .skipped("it has only one import") }
        let first = Harvest(try subject.ordinaryImport())
        let plain = try subject.succeeding { $0.entry = .plainImport }
        if let difference = Harvest(plain).difference(from: first) {
            throw .failed("in the plain import \(difference)")
        }
    },
    Rule(24, "utf8", "speaks UTF-8", needs: .importing) { subject throws(Verdict) in
        for call in try subject.succeeding().calls where call.function != PROBE_CHECKPOINT {
            for (index, text) in call.texts.enumerated() {
                guard let text, String(validating: text, as: UTF8.self) == nil else { continue }
                throw .failed(
                    "\(call.function.name): text \(index + 1) holds bytes that are not UTF-8 (document \(call.text(1) ?? "none"))"
                )
            }
        }
    },
    Rule(25, "steps", "names its steps as the contract wants", needs: .importing) { subject throws(Verdict) in
        var steps: Set<String> = []
        for call in try subject.succeeding().calls(of: PROBE_PROGRESS) {
            guard let step = call.text(0), Contract.isName(step, withDashes: false) else {
                throw .failed("the step \"\((call.text(0) ?? "NULL").printable)\" is not 1 to 64 of [a-z0-9_]")
            }
            guard !Contract.hostSteps.contains(step) else { throw .failed("the step \"\(step)\" is the host's own") }
            steps.insert(step)
            guard let message = call.text(1) else { continue }
            guard message.utf8.count <= 1024 else { throw .failed("a message of \(step) is longer than 1 KiB") }
            guard !message.contains(where: \.isNewline) else { throw .failed("a message of \(step) has several lines") }
        }
        guard steps.count <= 128 else {
            throw .failed("it has \(steps.count) steps; names do not hold counts or titles")
        }
    },
    Rule(26, "counts", "counts within its totals", needs: .importing) { subject throws(Verdict) in
        for call in try subject.succeeding().calls(of: PROBE_PROGRESS) {
            let (count, total) = call.numbers
            guard count >= -1, total >= -1 else {
                throw .failed("\(call.text(0) ?? ""): \(count) of \(total); -1 is unknown")
            }
            guard total < 0 || count <= total else { throw .failed("\(call.text(0) ?? ""): \(count) of \(total)") }
        }
    },
    Rule(
        27, "incremental", "has all documents also when it finds some unchanged", needs: .repeating,
        isAboutOutcome: true
    ) {
        subject throws(Verdict) in
        let first = try subject.ordinaryImport()
        let known = knownDocuments(first)
        guard !known.isEmpty, !first.calls(of: PROBE_KNOWN).isEmpty else {
            throw .skipped("it asks for nothing with known()")
        }
        let second = try subject.succeeding { $0.known = known }
        var harvest = Harvest(first)
        if let key = harvest.lost(in: second) {
            throw .failed(
                "\(key.collection)/\(key.externalID) was neither emitted nor found unchanged, and declared gone")
        }
        harvest.merge(Harvest(second))
        if let difference = harvest.difference(from: Harvest(first)) {
            throw .failed("when all is known, \(difference)")
        }
    },
    Rule(28, "full-refresh", "reads everything when it is told to", needs: .repeating, isAboutOutcome: true) {
        subject throws(Verdict) in
        let first = try subject.ordinaryImport()
        let known = knownDocuments(first)
        guard !known.isEmpty, !first.calls(of: PROBE_KNOWN).isEmpty else {
            throw .skipped("it asks for nothing with known()")
        }
        let full = try subject.succeeding {
            $0.known = known
            $0.flags = ProbePlan.fullRefresh
        }
        if let difference = Harvest(full).difference(from: Harvest(first)) {
            throw .failed("with FULL_REFRESH \(difference)")
        }
    },
    Rule(29, "narrowing", "imports only the collections that a run asks for", needs: .importing, isAboutOutcome: true) {
        subject throws(Verdict) in
        let first = Harvest(try subject.ordinaryImport())
        let belongings = try belongings(subject)
        for name in try subject.described().collections {
            let narrowed = Harvest(try subject.succeeding { $0.collections = [name] })
            let allowed = belongings[name, default: []].union([name])
            if let other = narrowed.documents.keys.sorted().first(where: { !allowed.contains($0.collection) }) {
                throw .failed("asked for \(name), it emitted \(other.collection)/\(other.externalID)")
            }
            let expected = first.documents.keys.filter { $0.collection == name }
            if let key = expected.sorted().first(where: { narrowed.documents[$0] == nil }) {
                throw .failed("asked for \(name), it left out \(key.externalID)")
            }
        }
    },
]

/// By collection, those that a manifest says are imported with it: `part_of` holds in both directions.
private func belongings(_ subject: Subject) throws(Verdict) -> [String: Set<String>] {
    var belongings: [String: Set<String>] = [:]
    for collection in try subject.manifest()["collections"]?.elements ?? [] {
        guard let part = collection["name"]?.stringValue, let whole = collection["part_of"]?.stringValue else {
            continue
        }
        belongings[part, default: []].insert(whole)
        belongings[whole, default: []].insert(part)
    }
    return belongings
}

private func importInWorker(_ subject: Subject) throws(Verdict) {
    do throws(RunFailure) {
        let session = try subject.launch()
        var explanation = ""
        var patience = Patience(subject.limit)
        let share = RateLimits().share(of: session.plugin)
        defer { _ = session.end() }
        while true {
            let occurrence = try session.next(before: patience.deadline)
            if case .said(let message) = occurrence, let taken = share.take(message, of: session) {
                if let start = taken.until { patience.waits(until: start) }
                continue
            }
            switch occurrence {
            case .said(.known(let question, _, _)): session.answer(question, false)
            case .said(.waiting(let time?, _)): patience.waits(until: time)
            case .said(.fail(let code, let message, _)): explanation = " (\(code): \(message))"
            case .said(.loadFailed(let reason)): throw RunFailure(.pluginUnavailable, reason)
            case .said(.returned(.ok)): return
            case .said(.returned(let status)):
                throw RunFailure(.internal, "the import returned \(status)\(explanation)")
            case .said, .woken: continue
            case .ended: throw RunFailure(.pluginCrashed, "the import did not return: its process ended")
            case .deadlinePassed:
                _ = session.kill()
                throw RunFailure(
                    .pluginTimeout, "the import took longer than \(subject.limit / .seconds(1)) s (see --limit)")
            }
        }
    } catch {
        throw .failed(error.message)
    }
}

private func refusal(of call: Recording.HostCall) -> String {
    if call.answer == 10 { return "it is larger than 16 MiB" }
    guard let collection = call.text(0), Contract.isName(collection, withDashes: true) else {
        return "a collection is 1 to 64 of [a-z0-9_-]"
    }
    guard let id = call.text(1), (1...1024).contains(id.utf8.count) else { return "an id has 1 to 1024 bytes" }
    return "it is not one JSON object"
}

private func problem(in document: JSONValue) -> String? {
    for key in ["title", "content", "contentType", "url", "revision", "scope", "createdAt", "updatedAt"] {
        guard let value = document[key], value != .null else { continue }
        guard let text = value.stringValue else { return "\"\(key)\" is not a string" }
        if key.hasSuffix("At"),
            text.wholeMatch(of: #/\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)/#) == nil
        {
            return "\"\(key)\" is not a time as in RFC 3339"
        }
    }
    if let parent = document["parent"], parent != .null,
        parent["collection"]?.stringValue == nil || parent["id"]?.stringValue == nil
    {
        return "\"parent\" is not {\"collection\", \"id\"}"
    }
    if let path = document["path"], path != .null, path.elements?.allSatisfy({ $0.stringValue != nil }) != true {
        return "\"path\" is not a list of strings"
    }
    if let authors = document["authors"], authors != .null, authors.elements == nil {
        return "\"authors\" is not a list"
    }
    if let metadata = document["metadata"], metadata != .null, metadata.members == nil {
        return "\"metadata\" is not an object"
    }
    return nil
}

/// The revisions that an import gave its documents.
func knownDocuments(_ recording: Recording) -> [ProbePlan.KnownDocument] {
    Harvest(recording).documents.compactMap { key, document in
        document["revision"]?.stringValue.map {
            ProbePlan.KnownDocument(collection: key.collection, id: key.externalID, revision: $0)
        }
    }
}
