package import Core
import Foundation
import Logging

/// Keeps plugin files that crash again and again from being run, also from one process to the next.
package final class Quarantines: Sendable {
    private let storage: any Storage
    private let logger: Logger
    /// By integration; replaced by who holds `turn`.
    private let records: Current<[String: CrashRecord]>
    private let turn = NSLock()

    /// Reads the store.
    init(storage: any Storage, logger: Logger) {
        self.storage = storage
        self.logger = logger
        do {
            let known = try storage.crashRecords().map { ($0.integration, $0) }
            records = Current(Dictionary(known, uniquingKeysWith: { $1 }))
        } catch {
            logger.error("which plugins are in quarantine could not be read: \(error)")
            records = Current([:])
        }
    }

    /// The crashes of an integration whose plugin is in quarantine.
    package func record(of integration: String) -> CrashRecord? {
        records.value[integration].flatMap { $0.quarantine == nil ? nil : $0 }
    }

    // MARK: For a run's own thread

    /// Throws for a file that is in quarantine.
    func admit(_ sha256: String, of integration: Integration, at now: Timestamp = .now) throws(RunFailure) {
        let refused = withRecords { records -> CrashRecord? in
            guard var record = records[integration.name] else { return nil }
            guard record.sha256 == sha256 else {
                forget(integration.name, &records)
                return nil
            }
            let isAdmitted = record.admits(at: now)
            records[integration.name] = record
            return isAdmitted ? nil : record
        }
        guard let refused, let quarantine = refused.quarantine else { return }
        throw RunFailure(
            .pluginQuarantined,
            """
            \(integration.plugin) has crashed \(refused.crashes) times in a row and is not run before \
            \(quarantine.nextTry). Last time: \(refused.reason)
            """,
            hint: "Replace the file, or let it run at once: integrationd plugin retry \(integration.name)")
    }

    func crashed(_ sha256: String, of integration: String, reason: String, at now: Timestamp = .now) {
        withRecords { records in
            var record =
                records[integration].flatMap { $0.sha256 == sha256 ? $0 : nil }
                ?? CrashRecord(integration: integration, sha256: sha256)
            record.crashed(reason, at: now)
            records[integration] = record
            noting("kept") { try storage.save(record) }
            guard let quarantine = record.quarantine else { return }
            logger.error(
                "the plugin of \(integration) is in quarantine: \(record.crashes) crashes in a row",
                metadata: ["integration": "\(integration)", "nextTry": "\(quarantine.nextTry)"])
        }
    }

    /// The plugin did what it is for, whatever the result.
    func returned(_ integration: String) {
        withRecords { records in
            if records[integration] != nil { forget(integration, &records) }
        }
    }

    // MARK: For whoever knows better

    /// Lets the plugin of an integration run again at once; false if nothing kept it from that.  Blocks.
    @discardableResult
    package func clear(_ integration: String) -> Bool {
        withRecords { records in
            guard let record = records[integration] else { return false }
            forget(integration, &records)
            return record.quarantine != nil
        }
    }

    // MARK: Keeping

    private func withRecords<Value>(_ body: (inout [String: CrashRecord]) -> Value) -> Value {
        turn.withLock {
            var known = records.value
            defer { records.value = known }
            return body(&known)
        }
    }

    private func forget(_ integration: String, _ records: inout [String: CrashRecord]) {
        records[integration] = nil
        noting("forgotten") { _ = try storage.removeCrashRecord(of: integration) }
    }

    /// A run does not fail because of what is only about the next one.
    private func noting(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { logger.error("crashes of a plugin could not be \(what): \(error)") }
    }
}
