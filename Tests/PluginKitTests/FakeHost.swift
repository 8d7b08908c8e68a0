import Dispatch
import Glibc
import PluginABI
import PluginKit
import Synchronization

/// The host's side of the contract, in C terms, for tests. Records what it is told.
final class FakeHost: @unchecked Sendable {
    struct Record {
        var lines: [String] = []
        var json: [[UInt8]] = []
        var isCancelled = false
        var cancelDescriptor: Int32 = -1
        /// What upsert answers.
        var upsertStatus: integration_status = INTEGRATION_OK
        var secrets: [String: String] = [:]
        var hasRateLimit = false
        /// What `reserve` answers.
        var wait: Int64 = 0
    }

    /// Guards what callbacks on other threads touch.
    let record = Mutex(Record())
    /// Written once in init, freed in deinit.
    private let table = UnsafeMutablePointer<integration_host>.allocate(capacity: 1)

    init() {
        table.initialize(to: Self.functions(Unmanaged.passUnretained(self).toOpaque()))
    }

    deinit { table.deallocate() }

    var lines: [String] { record.withLock { $0.lines } }
    fileprivate var hasRateLimit: Bool { record.withLock { $0.hasRateLimit } }
    func add(_ line: String) { record.withLock { $0.lines.append(line) } }

    /// Runs a plugin as the worker does: on a thread of its own, blocked until the end.
    func run<P: Plugin>(
        _ plugin: P.Type, settings: String = "{}",
        hostSize: UInt32 = UInt32(MemoryLayout<integration_host>.size)
    ) async -> integration_status {
        table.pointee.struct_size = hostSize
        return await withCheckedContinuation { continuation in
            DispatchQueue(label: "entry").async {
                continuation.resume(returning: self.enter(plugin, settings))
            }
        }
    }

    private func enter<P: Plugin>(_ plugin: P.Type, _ settings: String) -> integration_status {
        enter(settings) {
            runImport(plugin, $0, reportProgress, Unmanaged.passUnretained(self).toOpaque())
        }
    }

    /// Makes a call of any entry on a thread of its own.
    func call(
        _ settings: String = "{}",
        _ entry: @escaping @Sendable (UnsafePointer<integration_call>) -> integration_status
    ) async -> integration_status {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "entry").async {
                continuation.resume(returning: self.enter(settings, entry))
            }
        }
    }

    private func enter(
        _ settings: String, _ entry: (UnsafePointer<integration_call>) -> integration_status
    ) -> integration_status {
        settings.withCString { text in
            "run-1".withCString { name in
                var names: [UnsafePointer<CChar>?] = [name]
                return names.withUnsafeMutableBufferPointer { names in
                    var call = integration_call(
                        struct_size: UInt32(MemoryLayout<integration_call>.size), flags: 1,
                        host: table,
                        run_id: name, integration: name, settings_json: text,
                        settings_size: strlen(text),
                        checkpoint: nil, checkpoint_size: 0,
                        collections: UnsafePointer(names.baseAddress),
                        collection_count: 1, deadline_unix_ms: 5, data_dir: name, temp_dir: name)
                    return entry(&call)
                }
            }
        }
    }

    private static func functions(_ impl: UnsafeMutableRawPointer) -> integration_host {
        integration_host(
            struct_size: UInt32(MemoryLayout<integration_host>.size), abi_version: 0x10000,
            impl: impl,
            log: { host, level, message, fields in
                fake(host).add("log \(level) \(text(message)) \(text(fields))")
            },
            upsert: { host, collection, id, json, size in
                fake(host).add("upsert \(text(collection))/\(text(id))")
                return fake(host).record.withLock {
                    $0.json.append(Array(UnsafeRawBufferPointer(start: json, count: size)))
                    return $0.upsertStatus
                }
            },
            known: { host, collection, id, revision in
                fake(host).add("known \(text(collection))/\(text(id)) \(text(revision))")
                return text(revision) == "same" ? 1 : 0
            },
            complete: { host, collection, scope in
                fake(host).add("complete \(text(collection)) \(text(scope))")
                return INTEGRATION_OK
            },
            report: { host, kind, collection, id, code, message in
                fake(host).add(
                    "report \(kind) \(text(collection)) \(text(id)) \(text(code)) \(text(message))")
            },
            waiting: { host, until, reason in fake(host).add("waiting \(until) \(text(reason))") },
            remove: { host, collection, id in
                fake(host).add("remove \(text(collection))/\(text(id))")
                return INTEGRATION_OK
            },
            checkpoint: { host, _, size in
                fake(host).add("checkpoint \(size)")
                return INTEGRATION_OK
            },
            reply: { host, type, data, size in
                let body = String(
                    decoding: UnsafeRawBufferPointer(start: data, count: size), as: UTF8.self)
                fake(host).add("reply \(text(type)) \(body)")
                return INTEGRATION_OK
            },
            fail: { host, code, message, details, wait in
                fake(host).add("fail \(text(code)) \(text(message)) \(text(details)) \(wait)")
            },
            is_cancelled: { fake($0).record.withLock { $0.isCancelled ? 1 : 0 } },
            cancel_fd: { fake($0).record.withLock { $0.cancelDescriptor } },
            secret: { host, name, buffer, capacity in
                guard let secret = fake(host).record.withLock({ $0.secrets[text(name)] }) else {
                    return -1
                }
                let bytes = Array(secret.utf8)
                if bytes.count <= capacity {
                    buffer?.copyMemory(from: bytes, byteCount: bytes.count)
                }
                return Int64(bytes.count)
            },
            extension: { host, id in
                switch text(id) {
                case "test/1": UnsafeRawPointer(sampleExtension)
                case INTEGRATION_EXT_RATE_LIMIT where fake(host).hasRateLimit:
                    UnsafeRawPointer(rateLimitExtension)
                default: nil
                }
            })
    }
}

/// An extension of one number; never freed.
private nonisolated(unsafe) let sampleExtension: UnsafeMutablePointer<UInt32> = {
    let pointer = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    pointer.initialize(to: 4)
    return pointer
}()

/// Never freed.
private nonisolated(unsafe) let rateLimitExtension: UnsafeMutablePointer<integration_rate_limit> = {
    let pointer = UnsafeMutablePointer<integration_rate_limit>.allocate(capacity: 1)
    pointer.initialize(
        to: integration_rate_limit(
            struct_size: UInt32(MemoryLayout<integration_rate_limit>.size),
            reserve: { host, account, cost in
                fake(host).add("reserve \(text(account)) \(cost)")
                return fake(host).record.withLock { $0.wait }
            },
            release: { fake($0).add("release \(text($1)) \($2)") },
            observe: { fake($0).add("observe \(text($1)) \($2) \($3) \($4)") }))
    return pointer
}()

private func fake(_ host: UnsafePointer<integration_host>?) -> FakeHost {
    guard let impl = host?.pointee.impl else { preconditionFailure("a host without impl") }
    return Unmanaged<FakeHost>.fromOpaque(impl).takeUnretainedValue()
}

private func text(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? "-"
}

private func reportProgress(
    _ context: UnsafeMutableRawPointer?, _ step: UnsafePointer<CChar>,
    _ message: UnsafePointer<CChar>?,
    _ count: Int64, _ total: Int64
) -> integration_status {
    guard let context else { return INTEGRATION_INTERNAL }
    let host = Unmanaged<FakeHost>.fromOpaque(context).takeUnretainedValue()
    host.add("progress \(text(step)) \(text(message)) \(count)/\(total)")
    return host.record.withLock { $0.isCancelled ? INTEGRATION_CANCELLED : INTEGRATION_OK }
}
