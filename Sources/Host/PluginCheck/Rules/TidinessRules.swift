import Core
import PluginHost
import Probe

/// How a plugin leaves its process.
let tidinessRules: [Rule] = [
    Rule(43, "quiet-after-return", "calls nothing of the host after its entry returned", needs: .importing) {
        subject throws(Verdict) in
        let recording = try subject.succeeding { $0.stay = settling }
        if let call = recording.calls.first(where: \.isLate) {
            throw .failed("\(call.function.name) was called after the return")
        }
        guard recording.surroundings[PROBE_AT_END.rawValue] != nil else {
            throw .failed("its process ended after the return: \(subject.end(of: recording))")
        }
    },
    Rule(44, "threads", "has joined its threads when its entry returns", needs: .importing) { subject throws(Verdict) in
        let (before, returned, end) = try surroundings(subject)
        if try subject.image().hasThreadPool {
            // The pool's threads stay, and wait.
            let used = end.processorTime - returned.processorTime
            guard .milliseconds(used) < settling / 2 else {
                throw .failed("after the return its threads used \(used) ms of CPU")
            }
            return
        }
        guard end.threads <= before.threads else {
            throw .failed("it left \(end.threads - before.threads) threads behind")
        }
    },
    Rule(45, "descriptors", "has closed what it opened when its entry returns", needs: .importing) {
        subject throws(Verdict) in
        let (before, _, end) = try surroundings(subject)
        let hasRuntime = try subject.image().hasThreadPool
        let left = end.descriptors.subtracting(before.descriptors).filter { line in
            // What runtimes wait with: their event loops keep these.
            !(hasRuntime && (line.contains("anon_inode:") || line.contains("pipe:")))
        }
        if let first = left.sorted().first {
            throw .failed("it left \(left.count) descriptor\(left.count == 1 ? "" : "s") open, such as \(first)")
        }
    },
    Rule(
        46, "process-state", "leaves the process as it found it: folder, umask, signals, environment, locale",
        needs: .importing
    ) {
        subject throws(Verdict) in
        let (before, _, end) = try surroundings(subject)
        let changed = end.state.subtracting(before.state).sorted() + before.state.subtracting(end.state).sorted()
        guard let first = changed.first else { return }
        throw .failed("it changed the process's \(first.prefix { $0 != ":" })")
    },
]

/// How long after the return a plugin is watched: more than any thread needs to end that was told to.
private let settling = Duration.milliseconds(200)

private func surroundings(
    _ subject: Subject
) throws(Verdict) -> (Recording.Surroundings, Recording.Surroundings, Recording.Surroundings) {
    let recording = try subject.succeeding { $0.stay = settling }
    guard let before = recording.surroundings[PROBE_BEFORE_ENTRY.rawValue],
        let returned = recording.surroundings[PROBE_AFTER_RETURN.rawValue],
        let end = recording.surroundings[PROBE_AT_END.rawValue]
    else { throw .failed("its process ended after the return: \(subject.end(of: recording))") }
    return (before, returned, end)
}
