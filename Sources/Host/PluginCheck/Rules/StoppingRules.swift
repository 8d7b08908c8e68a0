import Core
import PluginHost
import Probe

/// How an import ends early, and goes on later.
let stoppingRules: [Rule] = [
    Rule(
        30, "cancelled-before", "returns at once when it was cancelled before it began", needs: .importing,
        isAboutOutcome: true
    ) {
        subject throws(Verdict) in
        try requireObedience(try subject.importing { $0.cancellation = .beforeEntry }, subject)
    },
    Rule(
        31, "cancelled-midway", "returns within two seconds when it is cancelled", needs: .importing,
        isAboutOutcome: true
    ) {
        subject throws(Verdict) in
        let calls = try subject.ordinaryImport().calls.count
        guard calls > 1 else { throw .skipped("it says too little to be cancelled midway") }
        for call in Set([1, calls / 2]).sorted() {
            try requireObedience(try subject.importing { $0.cancellation = .atCall(call) }, subject)
        }
    },
    Rule(32, "heeds-cancelled", "emits nothing more after the host answered CANCELLED", needs: .importing) {
        subject throws(Verdict) in
        let ordinary = try subject.ordinaryImport()
        for function in [PROBE_UPSERT, PROBE_CHECKPOINT, PROBE_PROGRESS, PROBE_COMPLETE, PROBE_REMOVE] {
            let count = ordinary.calls(of: function).count
            guard count > 0 else { continue }
            let recording = try subject.importing {
                $0.refusal = .init(function: function, at: (count + 1) / 2, status: 1)
            }
            guard let at = recording.calls.firstIndex(where: { $0.function == function && $0.answer == 1 }) else {
                continue
            }
            let later = recording.calls[at...].dropFirst().count { $0.function == PROBE_UPSERT && !$0.isLate }
            guard later <= mostLaterUpserts else {
                throw .failed("after \(function.name) answered CANCELLED it went on to emit \(later) documents")
            }
        }
    },
    Rule(33, "refused-document", "reports a document that the host refuses, and goes on or fails", needs: .importing) {
        subject throws(Verdict) in try refuseDocuments(subject)
    },
    Rule(34, "resume", "has all documents when it goes on from a checkpoint", needs: .repeating, isAboutOutcome: true) {
        subject throws(Verdict) in try resume(subject)
    },
    Rule(
        35, "garbage-checkpoint", "says CHECKPOINT_INVALID or starts anew when its checkpoint makes no sense",
        needs: .importing, isAboutOutcome: true
    ) {
        subject throws(Verdict) in try misleadWithCheckpoints(subject)
    },
    Rule(36, "bad-settings", "returns INVALID_SETTINGS for settings that it cannot take", needs: .importing) {
        subject throws(Verdict) in try giveBadSettings(subject)
    },
    Rule(37, "no-network", "returns TRANSIENT when the network is down", needs: .importing) { subject throws(Verdict) in
        let network = try subject.manifest()["network"]?.elements
        guard network?.isEmpty == false else { throw .skipped("its manifest lists no \"network\"") }
        let recording = try subject.importing { $0.options = .noNetwork }
        try subject.requireReturn(recording)
        guard recording.status == 4 || recording.status == 5 else {
            throw .failed("it \(subject.outcome(of: recording))")
        }
    },
    Rule(38, "secrets-kept", "puts no secret into what it says", needs: .importing) { subject throws(Verdict) in
        try keepSecrets(subject)
    },
]

/// Threads of a plugin may each have a document under way.
private let mostLaterUpserts = 16

private func requireObedience(_ recording: Recording, _ subject: Subject) throws(Verdict) {
    try subject.requireReturn(recording)
    guard let cancelled = recording.cancelledAt, let returned = recording.returnedAt else { return }
    guard returned - cancelled <= 2000 else { throw .failed("it took \(returned - cancelled) ms to return") }
    guard recording.status == 1 || recording.status == 0 else {
        throw .failed("it \(subject.outcome(of: recording)), and not CANCELLED")
    }
}

private func refuseDocuments(_ subject: Subject) throws(Verdict) {
    let ordinary = try subject.ordinaryImport()
    let upserts = ordinary.calls(of: PROBE_UPSERT)
    guard !upserts.isEmpty else { throw .skipped("it emits no document") }
    for (status, name) in [(Int32(9), "REJECTED"), (10, "TOO_LARGE")] {
        let recording = try subject.importing {
            $0.refusal = .init(function: PROBE_UPSERT, at: (upserts.count + 1) / 2, status: status)
        }
        try subject.requireReturn(recording)
        guard recording.status != 1 else { throw .failed("\(name) for one document made it return CANCELLED") }
        guard recording.status == 0,
            let refused = recording.calls(of: PROBE_UPSERT).first(where: { $0.answer == status })?.key
        else { continue }
        let isReported = recording.calls(of: PROBE_REPORT).contains {
            $0.numbers.0 == 1 && $0.text(1) == refused.externalID
        }
        guard isReported else {
            throw .failed(
                "the host answered \(name) to \(refused.collection)/\(refused.externalID), and no report(FAILED) names it"
            )
        }
        let missing = Harvest(ordinary).documents.keys.sorted().first {
            $0 != refused && Harvest(recording).documents[$0] == nil
        }
        if let missing {
            throw .failed("after \(name) for one document \(missing.collection)/\(missing.externalID) is missing too")
        }
    }
}

private func resume(_ subject: Subject) throws(Verdict) {
    let folder = try subject.makeFolder() + "/data"
    let first = try subject.succeeding(dataFolder: folder)
    let places = first.calls.indices.filter {
        first.calls[$0].function == PROBE_CHECKPOINT && first.calls[$0].answer == 0
            && first.calls[$0].texts[0]?.isEmpty == false
    }
    guard !places.isEmpty else { throw .skipped("it offers no checkpoint") }
    for place in Set([places[0], places[places.count / 2], places[places.count - 1]]).sorted() {
        let resumed = try subject.importing(dataFolder: folder) { $0.checkpoint = first.calls[place].texts[0] }
        try subject.requireReturn(resumed)
        guard resumed.status == 0 else {
            throw .failed("from a checkpoint of its own it \(subject.outcome(of: resumed))")
        }
        var before = first
        before.calls = Array(first.calls[..<place])
        var harvest = Harvest(before)
        harvest.merge(Harvest(resumed))
        if let difference = harvest.difference(from: Harvest(first)) {
            throw .failed("stopped after \(Harvest(before).documents.count) documents and resumed, \(difference)")
        }
    }
}

private func misleadWithCheckpoints(_ subject: Subject) throws(Verdict) {
    let ordinary = try subject.ordinaryImport()
    guard ordinary.calls(of: PROBE_CHECKPOINT).contains(where: { $0.texts[0]?.isEmpty == false }) else {
        throw .skipped("it offers no checkpoint")
    }
    var random = SplitMix64(seed: subject.seed)
    var checkpoints = [[UInt8]("null".utf8), [UInt8]("{".utf8), random.bytes(1), random.bytes(64), random.bytes(4096)]
    if let real = ordinary.calls(of: PROBE_CHECKPOINT).compactMap({ $0.texts[0] }).first(where: { $0.count > 1 }) {
        checkpoints.append(Array(real.dropLast((real.count + 1) / 2)))
    }
    for checkpoint in checkpoints {
        let recording = try subject.importing { $0.checkpoint = checkpoint }
        let what = "with a checkpoint of \(checkpoint.count) strange bytes (--seed \(subject.seed))"
        guard recording.status != nil else { throw .failed("\(what) it did not return: \(subject.end(of: recording))") }
        guard recording.status == 0 || recording.status == 11 else {
            throw .failed("\(what) it \(subject.outcome(of: recording))")
        }
    }
}

private func giveBadSettings(_ subject: Subject) throws(Verdict) {
    let good = try subject.checkedSettings().settings
    let schema = try subject.described().schemaJSON
    var attempts: [(what: String, settings: String)] = [("settings that are no JSON", "{\"")]
    for member in schema["properties"]?.members ?? [] where good[member.key] != nil {
        var bad = good
        bad[member.key] = wrong(for: member.value)
        attempts.append(("\"\(member.key)\" of another type", bad.text))
    }
    for key in schema["required"]?.elements?.compactMap(\.stringValue) ?? [] where good[key] != nil {
        var bad = good
        bad[key] = nil
        attempts.append(("\"\(key)\" missing", bad.text))
    }
    guard schema["properties"]?.members?.isEmpty == false else { throw .skipped("it has no settings") }
    for attempt in attempts {
        let recording = try subject.importing { $0.settings = Array(attempt.settings.utf8) }
        guard recording.status != nil else {
            throw .failed("with \(attempt.what) it did not return: \(subject.end(of: recording))")
        }
        guard recording.status == 2 else { throw .failed("with \(attempt.what) it \(subject.outcome(of: recording))") }
    }
}

/// A value that a schema cannot want.
private func wrong(for schema: JSONValue) -> JSONValue {
    let types = schema["type"]?.stringValue.map { [$0] } ?? schema["type"]?.elements?.compactMap(\.stringValue) ?? []
    return types.contains("object") ? 1 : ["strange": true]
}

private func keepSecrets(_ subject: Subject) throws(Verdict) {
    let secrets = try subject.checkedSettings().secrets
    guard !secrets.isEmpty else { throw .skipped("it has no secrets") }
    var random = SplitMix64(seed: subject.seed)
    let canaries = secrets.mapValues { _ in Secret("c4nary-\(random.next())") }
    for values in [secrets, canaries] {
        let recording = try subject.importing { $0.secrets = values }
        for (name, secret) in values where secret.reveal().utf8.count >= 4 {
            if let place = place(of: Array(secret.reveal().utf8), in: recording) {
                throw .failed("the secret \"\(name)\" is in \(place)")
            }
        }
    }
}

private func place(of secret: [UInt8], in recording: Recording) -> String? {
    if recording.output.contains(where: { Array($0.utf8).contains(secret) }) { return "what it prints" }
    for call in recording.calls {
        for text in call.texts.compactMap({ $0 }) where text.contains(secret) {
            return "a call of \(call.function.name)"
        }
    }
    return nil
}
