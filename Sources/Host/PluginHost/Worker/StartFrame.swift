package import Core
import Worker

/// The first frame that a worker gets: what to load, what to call, and with what.
struct StartFrame {
    enum Entry {
        case describe
        case call(PluginEntry)

        fileprivate var code: UInt32 {
            switch self {
            case .describe: FRAME_ENTRY_DESCRIBE.rawValue
            case .call(.import): FRAME_ENTRY_IMPORT.rawValue
            case .call(.test): FRAME_ENTRY_TEST.rawValue
            case .call(.structure): FRAME_ENTRY_STRUCTURE.rawValue
            case .call(.webhook): FRAME_ENTRY_WEBHOOK.rawValue
            }
        }
    }

    var entry: Entry
    /// Absolute.
    var plugin: String
    var temporaryFolder: String
    var dataFolder = ""
    var call: PluginCall?
    /// A JSON object without the secrets.
    var settings = "{}"
    var secrets: [String: Secret] = [:]
    var limits = WorkerLimits()
    /// Progress calls per second that come one by one; above that a step's newest replaces the others.
    var progressRate = 200
    /// Absolute: what the plugin may read beside the system's files.
    var readablePaths: [String] = []

    init(entry: Entry, plugin: String, temporaryFolder: String) {
        self.entry = entry
        self.plugin = plugin
        self.temporaryFolder = temporaryFolder
    }

    private static let fullRefresh: UInt32 = 1  // INTEGRATION_FLAG_FULL_REFRESH, a cast macro
    private static let narrowed: UInt32 = 2  // INTEGRATION_FLAG_NARROWED

    var frame: FrameWriter {
        let isFull = call?.options.isFull ?? false
        let isNarrowed = call?.options.isNarrowed ?? false
        let collections = call?.options.collections ?? []
        var frame = FrameWriter(FRAME_START)
        frame.put(UInt32(FRAME_PROTOCOL_VERSION))
        frame.put(entry.code)
        frame.put(plugin)
        frame.put((isFull ? Self.fullRefresh : 0) | (isNarrowed ? Self.narrowed : 0))
        frame.put(call?.runID?.description ?? "")
        frame.put(call?.integration ?? "")
        frame.put(settings)
        let checkpoint = isFull ? nil : call?.checkpoint
        frame.put(UInt8(checkpoint == nil ? 0 : 1))
        if let checkpoint { frame.put(checkpoint) }
        frame.put(UInt32(collections.count))
        for collection in collections { frame.put(collection) }
        frame.put(call?.deadline?.milliseconds ?? 0)
        frame.put(dataFolder)
        frame.put(temporaryFolder)
        for limit in [limits.memory, limits.cpuSeconds, limits.openFiles, limits.fileSize] {
            frame.put(UInt64(limit ?? 0))
        }
        frame.put(UInt32(readablePaths.count))
        for path in readablePaths { frame.put(path) }
        frame.put(UInt32(progressRate))
        frame.put(UInt32(secrets.count))
        for (name, value) in secrets.sorted(by: { $0.key < $1.key }) {
            frame.put(name)
            frame.put(value.reveal())
        }
        if case .call(.webhook(let request)) = entry { frame.put(request) }
        return frame
    }
}

extension FrameWriter {
    package mutating func put(_ request: WebhookRequest) {
        put(request.method)
        put(request.path)
        put(request.query)
        put(UInt32(request.headers.count))
        for (name, value) in request.headers {
            put(name)
            put(value)
        }
        put(request.body)
    }
}
