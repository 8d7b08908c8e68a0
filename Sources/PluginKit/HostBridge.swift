import Glibc
public import PluginABI
import Synchronization

// What touches a C pointer is in this file and in `HostBridge+Entries.swift`.

/// The manifest for `integration_manifest`; valid until the process exits, as literals are.
public func manifest<P: Plugin>(of plugin: P.Type) -> UnsafePointer<CChar> {
    UnsafeRawPointer(P.manifest.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// Runs one import for `integration_import_progress_v1`, or with nil for
/// `integration_import_v1`: blocks the calling thread, which the contract keeps free for this,
/// until the plugin's asynchronous import has ended, and turns errors into statuses.
public func runImport<P: Plugin>(
    _ plugin: P.Type, _ call: UnsafePointer<integration_call>, _ progress: integration_progress_fn?,
    _ context: UnsafeMutableRawPointer?
) -> integration_status {
    HostBridge.run(call, progress, context) { options, host in
        try await P().import(ImportCall(options: options, host: host))
    }
}

extension CallOptions {
    fileprivate init(reading call: UnsafePointer<integration_call>) {
        self.init()
        let given = call.pointee
        runID = String(cString: given.run_id)
        integration = String(cString: given.integration)
        settings = Array(
            UnsafeRawBufferPointer(start: given.settings_json, count: given.settings_size))
        checkpoint = given.checkpoint.map {
            Array(UnsafeRawBufferPointer(start: $0, count: given.checkpoint_size))
        }
        isFullRefresh = given.flags & 1 != 0
        isNarrowed = given.flags & 2 != 0
        collections = given.collections.map { names in
            (0..<given.collection_count).compactMap { names[$0].map { String(cString: $0) } }
        }
        deadline =
            given.deadline_unix_ms == 0 ? nil : Timestamp(milliseconds: given.deadline_unix_ms)
        dataFolder = String(cString: given.data_dir)
        tempFolder = String(cString: given.temp_dir)
    }
}

/// The contract's function table as Swift. Calls travel while the entry runs and at no other
/// time: `close()` waits for those under way, later ones do nothing.
final class HostBridge: HostServices, @unchecked Sendable {
    let host: UnsafePointer<integration_host>
    private let progressCallback: integration_progress_fn?
    private let context: UnsafeMutableRawPointer?
    private let signal: ImportSignal
    /// Guards `isOpen`; a call into the host holds it for reading, so calls do not exclude
    /// each other.
    private let gate: UnsafeMutablePointer<pthread_rwlock_t>
    private var isOpen = true

    init(
        host: UnsafePointer<integration_host>, progress: integration_progress_fn?,
        context: UnsafeMutableRawPointer?, signal: ImportSignal
    ) {
        self.host = host
        self.progressCallback = progress
        self.context = context
        self.signal = signal
        gate = .allocate(capacity: 1)
        pthread_rwlock_init(gate, nil)
    }

    deinit {
        pthread_rwlock_destroy(gate)
        gate.deallocate()
    }

    /// Has `body` run in a task of its own, and waits for its end on this thread.
    static func run(
        _ call: UnsafePointer<integration_call>, _ progress: integration_progress_fn? = nil,
        _ context: UnsafeMutableRawPointer? = nil,
        _ body: @escaping @Sendable (CallOptions, HostBridge) async throws -> Void
    ) -> integration_status {
        guard call.pointee.struct_size >= UInt32(MemoryLayout<integration_call>.size),
            call.pointee.host.pointee.struct_size >= UInt32(MemoryLayout<integration_host>.size)
        else { return INTEGRATION_UNSUPPORTED }
        guard let signal = ImportSignal() else { return INTEGRATION_TRANSIENT }
        let bridge = HostBridge(
            host: call.pointee.host, progress: progress, context: context, signal: signal)
        let options = CallOptions(reading: call)
        let task = Task {
            do {
                try await body(options, bridge)
                signal.finish(nil)
            } catch {
                signal.finish(error)
            }
        }
        let status = bridge.status(of: bridge.wait(onCancel: task.cancel))
        bridge.close()
        return status
    }

    func close() {
        pthread_rwlock_wrlock(gate)
        isOpen = false
        pthread_rwlock_unlock(gate)
    }

    func call<Result>(_ body: () throws -> Result) rethrows -> Result? {
        pthread_rwlock_rdlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        return isOpen ? try body() : nil
    }

    /// Nil, the answer of a closed bridge, counts as cancelled.
    func check(_ status: integration_status?, _ subject: String) throws {
        switch status {
        case INTEGRATION_OK: return
        case nil, INTEGRATION_CANCELLED:
            signal.cancel()
            throw CancellationError()
        case INTEGRATION_REJECTED:
            throw PluginError(
                .rejected, code: "bad-request", message: "The host refused \(subject).")
        case INTEGRATION_TOO_LARGE:
            throw PluginError(
                .tooLarge, code: "payload-too-large",
                message: "The host refused \(subject): it is larger than the host takes.")
        case .some(let other):
            throw PluginError(
                PluginError.Status(rawValue: other) ?? .internalError, code: "internal",
                message: "The host could not take \(subject) (status \(other)).")
        }
    }
}

extension HostBridge {
    var isCancelled: Bool { call { host.pointee.is_cancelled(host) != 0 } ?? true }

    func log(_ level: LogLevel, _ message: String, fields: [String: String]) {
        let members = fields.sorted { $0.key < $1.key }
            .map { JSONValue.Member($0.key, .string($0.value)) }
        let json =
            members.isEmpty ? nil : String(decoding: JSONValue.object(members).utf8, as: UTF8.self)
        call {
            withOptionalCString(json) { host.pointee.log(host, level.rawValue, message, $0) }
        }
    }

    func progress(step: String, message: String?, count: Int64?, total: Int64?) {
        guard let progressCallback else { return }
        let status = call {
            withOptionalCString(message) {
                progressCallback(
                    context, step, $0, count ?? INTEGRATION_UNKNOWN, total ?? INTEGRATION_UNKNOWN)
            }
        }
        if status == INTEGRATION_CANCELLED { signal.cancel() }
    }

    func upsert(collection: String, id: String, json: [UInt8]) throws {
        let status = call {
            json.withUnsafeBytes { bytes -> integration_status in
                guard let start = bytes.baseAddress else { return INTEGRATION_REJECTED }
                return host.pointee.upsert(host, collection, id, start, bytes.count)
            }
        }
        try check(status, "\(collection) document \(id)")
    }

    func remove(collection: String, id: String) throws {
        try check(call { host.pointee.remove(host, collection, id) }, "the removal of \(id)")
    }

    func known(collection: String, id: String, revision: String) throws -> Bool {
        let answer = call { host.pointee.known(host, collection, id, revision) } ?? -1
        if answer < 0 { try check(INTEGRATION_CANCELLED, id) }
        return answer == 1
    }

    func complete(collection: String, scope: String?) throws {
        let status = call {
            withOptionalCString(scope) { host.pointee.complete(host, collection, $0) }
        }
        try check(status, "the end of \(collection)")
    }

    func report(
        _ kind: ReportKind, collection: String?, id: String?, code: String, message: String
    ) {
        call {
            withOptionalCString(collection) { collection in
                withOptionalCString(id) { id in
                    host.pointee.report(host, kind.rawValue, collection, id, code, message)
                }
            }
        }
    }

    func waiting(until: Timestamp?, reason: String) {
        call { host.pointee.waiting(host, until?.milliseconds ?? 0, reason) }
    }

    func offerCheckpoint(_ bytes: [UInt8]) throws {
        let status = call {
            // An empty array may have no address; the contract wants one even for size 0.
            (bytes + [0]).withUnsafeBytes { padded -> integration_status in
                guard let start = padded.baseAddress else { return INTEGRATION_INTERNAL }
                return host.pointee.checkpoint(host, start, bytes.count)
            }
        }
        try check(status, "the checkpoint")
    }

    func secret(_ name: String) -> String? {
        var capacity = 256
        while true {
            var buffer = [UInt8](repeating: 0, count: capacity)
            let size = call {
                buffer.withUnsafeMutableBytes {
                    host.pointee.secret(host, name, $0.baseAddress, $0.count)
                }
            }
            guard let size, size >= 0 else { return nil }
            guard size > capacity else {
                let secret = String(decoding: buffer.prefix(Int(size)), as: UTF8.self)
                buffer.withUnsafeMutableBytes { copy in
                    if let start = copy.baseAddress { explicit_bzero(start, copy.count) }
                }
                return secret
            }
            capacity = Int(size)
        }
    }

    func withExtension<Functions, Result>(
        _ id: String,
        _ body: (UnsafePointer<integration_host>, UnsafePointer<Functions>) throws -> Result
    ) rethrows -> Result? {
        let result: Result?? = try call {
            try host.pointee.extension(host, id)
                .map { try body(host, $0.assumingMemoryBound(to: Functions.self)) }
        }
        return result ?? nil
    }

    private func withOptionalCString<Result>(
        _ text: String?, _ body: (UnsafePointer<CChar>?) throws -> Result
    ) rethrows -> Result {
        guard let text else { return try body(nil) }
        return try text.withCString(body)
    }
}

extension HostBridge {
    /// Blocks until the import has ended; meanwhile the host's cancellation becomes the task's.
    fileprivate func wait(onCancel: () -> Void) -> (any Error)? {
        let cancelDescriptor = host.pointee.cancel_fd(host)
        var descriptors = [
            pollfd(fd: signal.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: cancelDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        // Without a descriptor the flag is looked at four times a second, until it is set.
        var timeout: Int32 = cancelDescriptor < 0 ? 250 : -1
        while true {
            poll(&descriptors, nfds_t(descriptors.count), timeout)
            if let end = signal.take(wasReadable: descriptors[0].revents != 0, onCancel: onCancel) {
                return end.error
            }
            if descriptors[1].revents != 0 || (timeout > 0 && isCancelled) {
                onCancel()
                descriptors[1].fd = -1
                timeout = -1
            }
        }
    }

    /// The entry's return value; says why through `fail` first.
    fileprivate func status(of error: (any Error)?) -> integration_status {
        guard let error else { return INTEGRATION_OK }
        if isCancelled || (error is CancellationError && signal.wasCancelled) {
            return INTEGRATION_CANCELLED
        }
        let failure =
            error as? PluginError
            ?? PluginError(.internalError, code: "internal", message: "The plugin failed: \(error)")
        fail(failure)
        switch failure.status {
        case .rejected, .tooLarge: return INTEGRATION_INTERNAL
        default: return failure.status.rawValue
        }
    }

    private func fail(_ error: PluginError) {
        let details = error.details.map { String(decoding: $0.utf8, as: UTF8.self) }
        let wait = error.retryAfter.map { max(0, $0 / .milliseconds(1)) } ?? 0
        call {
            withOptionalCString(details) {
                host.pointee.fail(host, error.code, error.message, $0, Int64(min(wait, 1e15)))
            }
        }
    }
}

/// How the import's task wakes the entry's thread: a pipe, so that one `poll` can wait for it
/// and for the host's cancellation alike.
final class ImportSignal: Sendable {
    struct End: Sendable {
        var error: (any Error)?
    }

    private struct State {
        var end: End?
        var wasCancelled = false
    }

    /// Readable when there is something to take.
    let descriptor: Int32
    private let writer: Int32
    private let state = Mutex(State())

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (descriptor, writer) = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(descriptor)
        Glibc.close(writer)
    }

    var wasCancelled: Bool { state.withLock { $0.wasCancelled } }

    func finish(_ error: (any Error)?) {
        state.withLock { $0.end = End(error: error) }
        wake()
    }

    /// The host said so in the answer to a call.
    func cancel() {
        let isFirst = state.withLock { state in
            defer { state.wasCancelled = true }
            return !state.wasCancelled
        }
        if isFirst { wake() }
    }

    private func wake() {
        var byte: UInt8 = 0
        // At most two bytes are ever written, so the pipe cannot be full.
        _ = Glibc.write(writer, &byte, 1)
    }

    fileprivate func take(wasReadable: Bool, onCancel: () -> Void) -> End? {
        guard wasReadable else { return nil }
        var byte: UInt8 = 0
        _ = Glibc.read(descriptor, &byte, 1)
        let (end, wasCancelled) = state.withLock { ($0.end, $0.wasCancelled) }
        if end == nil, wasCancelled { onCancel() }
        return end
    }
}
