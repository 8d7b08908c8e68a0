import Core
import PluginABI
import PluginHost
import Probe

/// Hosts that are unlike today's daemon.
let hostRules: [Rule] = [
    Rule(39, "older-host", "reads nothing beyond the structs that a host of its own version has", needs: .repeating) {
        subject throws(Verdict) in
        try requireSame(subject, "with a host whose structs end where memory ends") { $0.options = .guarded }
    },
    Rule(40, "newer-host", "ignores what a newer host adds", needs: .repeating) { subject throws(Verdict) in
        try requireSame(subject, "with a host of ABI \(INTEGRATION_ABI_MAJOR).99") {
            $0.options = .newerMembers
            $0.abiVersion = UInt32(INTEGRATION_ABI_MAJOR) << 16 | 99
            $0.tableSize = 256
            $0.flags = 0xFFFF_FF00
        }
    },
    Rule(41, "bare-host", "works with a host without a cancel descriptor and without extensions", needs: .repeating) {
        subject throws(Verdict) in
        try requireSame(subject, "without a cancel descriptor") { $0.options = .noCancelDescriptor }
    },
    Rule(42, "read-only", "writes to nothing that the host hands over", needs: .repeating) { subject throws(Verdict) in
        try requireSame(subject, "when all that it is handed is read-only") { $0.options = .readOnly }
    },
]

private func requireSame(
    _ subject: Subject, _ what: String, _ change: (inout ProbePlan) -> Void
) throws(Verdict) {
    let ordinary = Harvest(try subject.ordinaryImport())
    let recording = try subject.importing(change)
    guard recording.status != nil else { throw .failed("\(what) it did not return: \(subject.end(of: recording))") }
    guard recording.status == 0 else { throw .failed("\(what) it \(subject.outcome(of: recording))") }
    if let difference = Harvest(recording).difference(from: ordinary) { throw .failed("\(what) \(difference)") }
}
