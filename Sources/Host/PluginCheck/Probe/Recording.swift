import Core
import PluginHost
import Probe

/// All that one probe saw of a plugin.
struct Recording {
    /// Why it could not be loaded or called.
    var loadFailure: String?
    var description: Description?
    var surroundings: [UInt32: Surroundings] = [:]
    var calls: [HostCall] = []
    /// Milliseconds of the same clock.
    var cancelledAt, returnedAt: Int64?
    var status: Int32?
    /// Lines of stdout and stderr.
    var output: [String] = []
    var exit = PluginExit(cause: .exited(code: 0), lastErrorLines: [])
    /// It was killed, since it took longer than it may.
    var ranOutOfTime = false

    /// What it says of itself, asked twice in a row.
    struct Description {
        var symbols: UInt32
        var answers: [(abiVersion: UInt32, manifest: [UInt8]?)]
    }

    /// What belongs to the process and not to the plugin alone.
    struct Surroundings {
        var threads: Int
        /// Milliseconds.
        var processorTime: Int64
        /// A descriptor a line.
        var descriptors: Set<String>
        /// A line per thing, such as `umask: 0022`.
        var state: Set<String>
    }

    /// One call of a host function.
    struct HostCall {
        var function: probe_function
        /// It came when no entry was running.
        var isLate: Bool
        var answer: Int32
        var numbers: (Int64, Int64)
        /// Nil: a NULL.
        var texts: [[UInt8]?]

        func text(_ index: Int) -> String? {
            guard texts.indices.contains(index) else { return nil }
            return texts[index].map { String(decoding: $0, as: UTF8.self) }
        }
    }

    func calls(of function: probe_function) -> [HostCall] { calls.filter { $0.function == function } }

    /// The lines of stderr at the end, which say most about a crash.
    var lastWords: String { exit.quotation.map { "; \($0)" } ?? "" }
}

extension Recording {
    /// Adds what one frame of the probe says.
    mutating func take(type: UInt8, payload: UnsafeRawBufferPointer) throws(MalformedFrame) {
        var reader = FrameReader(payload)
        switch probe_frame(rawValue: UInt32(type)) {
        case PROBE_LOAD_FAILED: loadFailure = try reader.text()
        case PROBE_DESCRIPTION: description = try Description(&reader)
        case PROBE_SURROUNDINGS:
            let stage = try reader.integer(UInt32.self)
            surroundings[stage] = try Surroundings(&reader)
        case PROBE_CANCELLED: cancelledAt = try reader.integer()
        case PROBE_RETURNED:
            returnedAt = try reader.integer()
            status = try reader.integer()
        case PROBE_CALL: calls.append(try HostCall(&reader))
        default: throw MalformedFrame(reason: "unknown type \(type)")
        }
        try reader.finish()
    }
}

extension Recording.Description {
    fileprivate init(_ reader: inout FrameReader) throws(MalformedFrame) {
        symbols = try reader.integer()
        answers = []
        for _ in 0..<2 {
            let version = try reader.integer(UInt32.self)
            answers.append((version, try reader.optionalData()))
        }
    }
}

extension Recording.Surroundings {
    fileprivate init(_ reader: inout FrameReader) throws(MalformedFrame) {
        threads = Int(try reader.integer(UInt32.self))
        processorTime = try reader.integer()
        descriptors = Set(try reader.text().split(separator: "\n").map(String.init))
        state = Set(try reader.text().split(separator: "\n").map(String.init))
    }
}

extension Recording.HostCall {
    fileprivate init(_ reader: inout FrameReader) throws(MalformedFrame) {
        function = probe_function(rawValue: try reader.integer(UInt32.self))
        isLate = try reader.integer(UInt8.self) != 0
        answer = try reader.integer()
        let first = try reader.integer(Int64.self)
        numbers = (first, try reader.integer(Int64.self))
        texts = []
        for _ in 0..<min(16, try reader.integer(UInt32.self)) { texts.append(try reader.optionalData()) }
    }
}

extension FrameReader {
    fileprivate mutating func optionalData() throws(MalformedFrame) -> [UInt8]? {
        try integer(UInt8.self) == 0 ? nil : [UInt8](try data())
    }
}

extension probe_function {
    /// As in the header.
    var name: String {
        let names = [
            "", "log", "upsert", "known", "complete", "report", "waiting", "remove", "checkpoint", "reply", "fail",
            "secret", "extension", "progress",
        ]
        return names.indices.contains(Int(rawValue)) ? names[Int(rawValue)] : "function \(rawValue)"
    }
}
