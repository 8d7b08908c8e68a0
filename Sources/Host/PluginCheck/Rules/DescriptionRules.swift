import Core
import PluginABI
import PluginHost
import Probe

/// What a plugin is when it is loaded, and what it says of itself.
let descriptionRules: [Rule] = [
    Rule(9, "loads", "is loaded with all its symbols found", needs: .loading, opens: .loading) {
        subject throws(Verdict) in _ = try subject.asked()
    },
    Rule(10, "quiet-load", "prints nothing, starts no thread and opens nothing when it is loaded", needs: .loading) {
        subject throws(Verdict) in
        let recording = try subject.probe(ProbePlan(entry: .describe))
        if let line = recording.output.first { throw .failed("it printed \"\(line.printable)\"") }
        guard let before = recording.surroundings[PROBE_BEFORE_LOAD.rawValue],
            let after = recording.surroundings[PROBE_LOADED.rawValue]
        else { throw .failed("its process ended: \(subject.end(of: recording))") }
        if try subject.image().isGo { return }  // its runtime begins when it is loaded
        guard after.threads <= before.threads else {
            throw .failed("it started \(after.threads - before.threads) threads")
        }
        if let opened = after.descriptors.subtracting(before.descriptors).sorted().first {
            throw .failed("it left open descriptor \(opened)")
        }
    },
    Rule(
        11, "abi-version", "was built against this ABI and needs no later one than it was built against",
        needs: .loading, opens: .description
    ) {
        subject throws(Verdict) in
        let answers = try subject.asked().answers
        guard answers[0].abiVersion == answers[1].abiVersion else {
            throw .failed("integration_abi_version changes its answer")
        }
        let (major, minor) = (answers[0].abiVersion >> 16, answers[0].abiVersion & 0xFFFF)
        guard major == UInt32(INTEGRATION_ABI_MAJOR) else {
            throw .failed(
                "it was built against ABI \(major).\(minor), and this is \(INTEGRATION_ABI_MAJOR).\(INTEGRATION_ABI_MINOR)"
            )
        }
        // What is no JSON is the next rule's.
        guard let bytes = answers[0].manifest, let manifest = try? JSONValue(parsing: bytes),
            let needed = manifest["min_abi"]?.stringValue
        else { return }
        let parts = needed.split(separator: ".").compactMap { UInt32($0) }
        guard parts.count == 2 else { throw .failed("min_abi is \"\(needed)\" and not like \"1.0\"") }
        guard (parts[0], parts[1]) <= (major, minor) else {
            throw .failed("min_abi is \(needed), and it was built against \(major).\(minor)")
        }
    },
    Rule(
        12, "manifest", "has a manifest with id, name and version in their forms", needs: .description,
        opens: .description
    ) {
        subject throws(Verdict) in
        guard let bytes = try subject.asked().answers[0].manifest else {
            throw .failed("integration_manifest returns NULL")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .failed("its manifest is not UTF-8") }
        let manifest = try subject.manifest()
        guard let id = manifest["id"]?.stringValue, isIdentifier(id) else {
            throw .failed("\"id\" must be like com.example.github: [a-z0-9.-] with a dot, your own domain backwards")
        }
        guard let name = manifest["name"]?.stringValue, !name.isEmpty else { throw .failed("\"name\" is missing") }
        guard let version = manifest["version"]?.stringValue,
            version.wholeMatch(of: #/\d+(\.\d+)*([-+][0-9A-Za-z.+-]+)?/#) != nil
        else { throw .failed("\"version\" must be like \"2.1.0\"") }
        guard manifest["min_abi"]?.stringValue != nil else { throw .failed("\"min_abi\" is missing") }
    },
    Rule(13, "manifest-stable", "has the same manifest each time", needs: .description) { subject throws(Verdict) in
        let one = try subject.asked().answers
        guard one[0].manifest == one[1].manifest else {
            throw .failed("a second call in the same process gives another one")
        }
        guard try subject.asked().answers[0].manifest == one[0].manifest else {
            throw .failed("another process gives another one")
        }
    },
    Rule(14, "schema", "has a settings_schema that the daemon understands", needs: .description, opens: .description) {
        subject throws(Verdict) in _ = try subject.described()
    },
    Rule(15, "secrets-marked", "marks the settings that are secrets", needs: .description) { subject throws(Verdict) in
        let description = try subject.described()
        for member in description.schemaJSON["properties"]?.members ?? [] {
            let type = member.value["type"]?.stringValue ?? "string"
            guard type == "string", !description.schema.secrets.contains(member.key) else { continue }
            if looksSecret(member.key) {
                throw .failed("\"\(member.key)\" looks like a secret and has no \"x-secret\": true")
            }
        }
    },
    Rule(16, "collections", "names its collections", needs: .description) { subject throws(Verdict) in
        let collections = try subject.manifest()["collections"]?.elements ?? []
        guard !collections.isEmpty else { throw .failed("its manifest has no \"collections\"") }
        var seen: Set<String> = []
        for collection in collections {
            guard let name = collection["name"]?.stringValue, Contract.isName(name, withDashes: true) else {
                throw .failed("a collection needs a \"name\" of 1 to 64 of [a-z0-9_-]")
            }
            guard seen.insert(name).inserted else { throw .failed("\"\(name)\" is there twice") }
        }
    },
]

private func isIdentifier(_ id: String) -> Bool {
    id.wholeMatch(of: #/[a-z0-9-]+(\.[a-z0-9-]+)+/#) != nil
}

/// By its name: `api_token`, `clientSecret`, `password`.
private func looksSecret(_ name: String) -> Bool {
    var words: [String] = [""]
    for character in name {
        if !character.isLetter && !character.isNumber {
            words.append("")
        } else if character.isUppercase, words[words.count - 1].last?.isLowercase == true {
            words.append(character.lowercased())
        } else {
            words[words.count - 1] += character.lowercased()
        }
    }
    let telling: Set = ["token", "secret", "password", "passwd", "passphrase", "apikey", "credential", "credentials"]
    return words.contains(where: telling.contains)
        || zip(words, words.dropFirst()).contains { pair in
            ["api", "private", "access", "secret"].contains(pair.0) && pair.1 == "key"
        }
}
