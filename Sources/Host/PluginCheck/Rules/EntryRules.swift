import Core
import PluginHost
import Probe

/// The entries beside the import.
let entryRules: [Rule] = [
    Rule(
        47, "test", "says that its source can be reached, where it can say so, and emits nothing", needs: .importing,
        isAboutOutcome: true
    ) {
        subject throws(Verdict) in
        guard try subject.described().capabilities.test else { throw .skipped("it has no integration_test_v1") }
        _ = try answer(of: .test, subject)
    },
    Rule(
        48, "structure", "lists what there is to import, where it can, as a tree of nodes", needs: .importing,
        isAboutOutcome: true
    ) {
        subject throws(Verdict) in
        guard try subject.described().capabilities.structure else {
            throw .skipped("it has no integration_structure_v1")
        }
        guard let reply = try answer(of: .structure, subject) else { throw .failed("it gave no reply") }
        guard let nodes = reply["nodes"]?.elements else { throw .failed("its reply has no \"nodes\"") }
        for node in nodes { try requireNode(node) }
    },
    Rule(
        49, "webhook-unsigned", "refuses a webhook's request without a signature", needs: .importing,
        isAboutOutcome: true
    ) {
        subject throws(Verdict) in
        try refuse(StrangeRequest.unsigned, subject)
    },
    Rule(
        50, "webhook-garbage", "refuses a webhook's request that makes no sense", needs: .importing,
        isAboutOutcome: true
    ) {
        subject throws(Verdict) in
        try refuse(StrangeRequest.garbage(subject.seed), subject)
    },
    Rule(
        51, "webhook-quiet", "calls nothing of an import when a webhook's request comes", needs: .importing,
        isAboutOutcome: true
    ) {
        subject throws(Verdict) in
        for request in StrangeRequest.unsigned + StrangeRequest.garbage(subject.seed) {
            try requireNoImport(try receive(request, subject))
        }
    },
]

/// What an entry replied, if it replied; it must succeed, and may use none of an import's functions.
private func answer(of entry: ProbePlan.Entry, _ subject: Subject) throws(Verdict) -> JSONValue? {
    let recording = try subject.succeeding { $0.entry = entry }
    try requireNoImport(recording)
    guard let reply = recording.calls(of: PROBE_REPLY).last else { return nil }
    guard let bytes = reply.texts[1], let json = try? JSONValue(parsing: bytes) else {  // what is wrong is no matter
        throw .failed("its reply is not JSON")
    }
    return json
}

private func requireNode(_ node: JSONValue) throws(Verdict) {
    for key in ["id", "name", "kind"] where node[key]?.stringValue == nil {
        throw .failed("a node has no \"\(key)\" that is a string")
    }
    for inner in node["nodes"]?.elements ?? [] { try requireNode(inner) }
}

private func requireNoImport(_ recording: Recording) throws(Verdict) {
    let forImports = [PROBE_UPSERT, PROBE_KNOWN, PROBE_COMPLETE, PROBE_REPORT, PROBE_REMOVE, PROBE_CHECKPOINT]
    if let call = recording.calls.first(where: { forImports.contains($0.function) }) {
        throw .failed("it calls \(call.function.name), which only an import may")
    }
}
