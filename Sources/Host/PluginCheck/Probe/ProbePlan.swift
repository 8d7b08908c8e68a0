import Core
import PluginHost
import Probe

/// What the probe does with a plugin: which call it makes and what kind of host it is.
struct ProbePlan {
    enum Entry: UInt32 {
        case describe = 0
        case importWithProgress, plainImport, test, structure, webhook
    }

    struct Options: OptionSet {
        let rawValue: UInt32

        static let guarded = Options(PROBE_GUARDED)
        static let readOnly = Options(PROBE_READ_ONLY)
        static let newerMembers = Options(PROBE_NEWER_MEMBERS)
        static let noCancelDescriptor = Options(PROBE_NO_CANCEL_FD)
        static let noNetwork = Options(PROBE_NO_NETWORK)

        init(rawValue: UInt32) { self.rawValue = rawValue }
        private init(_ option: probe_option) { rawValue = option.rawValue }
    }

    /// One call of one function that is answered with a status of the plan's.
    struct Refusal {
        var function: probe_function
        /// Counts from 1.
        var at: Int
        var status: Int32
    }

    enum Cancellation {
        case never, beforeEntry
        /// While the plugin makes its n-th call that says something, from 1.
        case atCall(Int)
    }

    struct KnownDocument: Hashable {
        var collection, id, revision: String
    }

    var entry: Entry
    var options: Options = []
    /// Nil: today's.
    var abiVersion: UInt32?
    var tableSize: UInt32?
    var flags: UInt32 = 0
    /// As the plugin gets them; may be no JSON at all.
    var settings = Array("{}".utf8)
    var secrets: [String: Secret] = [:]
    var checkpoint: [UInt8]?
    /// Empty: all.
    var collections: [String] = []
    var known: [KnownDocument] = []
    var refusal: Refusal?
    var cancellation = Cancellation.never
    /// For the entry of webhooks.
    var request = WebhookRequest(method: "POST", path: "/", query: "", headers: [], body: [])
    /// How long the probe stays after the entry returned, to see what goes on.
    var stay = Duration.zero

    /// INTEGRATION_FLAG_FULL_REFRESH, a macro with a cast.
    static let fullRefresh: UInt32 = 1

    func frame(plugin: String, dataFolder: String, temporaryFolder: String) -> [UInt8] {
        var frame = FrameWriter(type: UInt8(PROBE_PLAN.rawValue))
        frame.put(entry.rawValue)
        frame.put(options.rawValue)
        frame.put(plugin)
        frame.put(abiVersion ?? 0)
        frame.put(tableSize ?? 0)
        frame.put(flags)
        frame.put(RunID().description)
        frame.put("plugin")
        frame.put(settings)
        frame.put(UInt8(checkpoint == nil ? 0 : 1))
        if let checkpoint { frame.put(checkpoint) }
        frame.put(UInt32(collections.count))
        for collection in collections { frame.put(collection) }
        frame.put(dataFolder)
        frame.put(temporaryFolder)
        putLists(into: &frame)
        frame.put(refusal?.function.rawValue ?? 0)
        frame.put(UInt32(refusal?.at ?? 0))
        frame.put(refusal?.status ?? 0)
        frame.put(cancellation.code)
        frame.put(UInt32(stay / .milliseconds(1)))
        if entry == .webhook { frame.put(request) }
        return frame.frame()
    }

    private func putLists(into frame: inout FrameWriter) {
        frame.put(UInt32(secrets.count))
        for (name, value) in secrets.sorted(by: { $0.key < $1.key }) {
            frame.put(name)
            frame.put(value.reveal())
        }
        frame.put(UInt32(known.count))
        for document in known {
            frame.put(document.collection)
            frame.put(document.id)
            frame.put(document.revision)
        }
    }
}

extension ProbePlan.Cancellation {
    fileprivate var code: UInt32 {
        switch self {
        case .never: 0
        case .beforeEntry: 1
        case .atCall(let number): UInt32(number) + 2
        }
    }
}
