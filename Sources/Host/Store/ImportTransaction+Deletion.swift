import Core
import GRDB

extension ImportTransaction {
    /// How many rows a step of a deletion looks at.
    private static let pageSize = 500

    /// Marks one document deleted, and what hangs on it; one that is not there is no error.
    mutating func remove(_ key: DocumentKey) throws {
        guard let stored = try standing(of: key), !stored.isDeleted else { return }
        if try bury(Member(row: stored.row, key: key, parent: nil)) { try buryDescendants(of: key) }
    }

    /// A finished enumeration: what it did not show is gone, unless that is too much or cannot be.
    mutating func complete(_ collection: String, scope: String?) throws {
        if scope == nil, let reason = try reasonToKeep(collection) {
            return try record(
                RunLogLine(
                    time: now, level: "info", source: .host,
                    message: "nothing of \(collection) is taken for deleted: \(reason)"))
        }
        let before = (state: state, change: change)
        var excess: [Excess] = []
        let database = db
        try database.inSavepoint {
            try buryUnseen(collection, scope: scope)
            excess = run.options.allowsMassDelete ? [] : try massDeletion(since: before.state)
            return excess.isEmpty ? .commit : .rollback
        }
        guard !excess.isEmpty else { return }
        (state, change) = before
        for one in excess {
            try record(
                ReportedDocument(
                    kind: .failed, collection: one.collection, externalID: nil, code: ReportLine.massDelete,
                    message: one.sentence))
        }
    }

    /// Why what a run did not see of a collection may be there all the same.  A scope is the plugin's own word that
    /// this part of it was seen.
    private func reasonToKeep(_ collection: String) throws -> String? {
        let failures = try db.row(
            """
            SELECT count(*) FROM run_reports
            WHERE run_id = ? AND kind = 'failed' AND collection = \(textPlaceholder)
                AND external_id IS NULL AND code <> '\(ReportLine.massDelete)'
            """, [run.id.description, Text(collection)], { $0[0] as Int64 })
        return failures == 0 ? nil : "a part of it could not be listed"
    }

    /// More deletions in a collection than a run may make unasked.
    private struct Excess {
        var collection: String
        var deleted: Int
        var base: Int

        var sentence: String {
            """
            \(deleted) of \(base) \(collection) are gone from the source, more than 30 %: none of these was deleted. \
            If that is right, run once with allowMassDelete, or set allow_mass_delete.
            """
        }
    }

    /// Collections of which the run has deleted more than 30 %, counted from what they had before.
    private mutating func massDeletion(since before: ImportState) throws -> [Excess] {
        var excess: [Excess] = []
        for (name, counts) in state.counts.collections.sorted(by: { $0.key < $1.key })
        where counts.deleted > max(before.counts[name].deleted, 1) {
            let base = try state.base(of: name) ?? living(in: name) + counts.deleted - counts.new
            state.remember(base, of: name)
            if counts.deleted * 10 > base * 3 {
                excess.append(Excess(collection: name, deleted: counts.deleted, base: base))
            }
        }
        return excess
    }

    private func living(in collection: String) throws -> Int {
        try db.row(
            """
            SELECT count(*) FROM documents INDEXED BY documents_by_key
            WHERE organization = ? AND project = ? AND integration = ?
                AND collection = \(textPlaceholder) AND deleted_at IS NULL
            """, source + [Text(collection)], { Int($0[0] as Int64) }) ?? 0
    }

    /// Page by page, and what hangs on it.
    private mutating func buryUnseen(_ collection: String, scope: String?) throws {
        var start = ""
        while true {
            let page = try members(of: collection, scope: scope, from: start)
            for member in page where try isGone(member) {
                if try bury(member) { try buryDescendants(of: member.key) }
            }
            guard page.count == Self.pageSize, let last = page.last else { return }
            start = last.key.externalID + "\0"  // the least text that is greater
        }
    }

    /// Does nothing, and says so, when the document went with an ancestor meanwhile.
    @discardableResult
    private mutating func bury(_ member: Member) throws -> Bool {
        try db.perform(
            """
            UPDATE documents SET change = ?, synced_at = ?, deleted_at = ?
            WHERE row = ? AND deleted_at IS NULL
            """, [change.upcoming, now.milliseconds, now.milliseconds, member.row])
        guard db.changesCount == 1 else { return false }
        change.take()
        state.delete(member.row, member.key)
        return true
    }

    /// Depth first.  What was seen or failed stays, and so does what hangs on that; the rows that
    /// are remembered are one page for each level.
    private mutating func buryDescendants(of key: DocumentKey) throws {
        var open = [(parent: key, after: Int64(0))]
        while let (parent, after) = open.popLast() {
            let page = try children(of: parent, after: after)
            if page.count == Self.pageSize, let last = page.last { open.append((parent, last.row)) }
            for child in page where !state.hasSeen(child.row) && !state.failed.contains(child.key) {
                if try bury(child) { open.append((child.key, 0)) }
            }
        }
    }

    // MARK: What may go

    private func isGone(_ member: Member) throws -> Bool {
        if state.hasSeen(member.row) { return false }
        if state.failed.isEmpty { return true }
        return try !state.failed.contains(member.key) && !hasFailedAncestor(member)
    }

    /// Whether a document above this one failed: then nobody knows what is below it.
    private func hasFailedAncestor(_ member: Member) throws -> Bool {
        var visited: Set<DocumentKey> = [member.key]
        var next = member.parent
        while let key = next, visited.insert(key).inserted {
            if state.failed.contains(key) { return true }
            next = try parent(of: key)
        }
        return false
    }

    // MARK: Rows

    /// As much of a document as a deletion needs.
    private struct Member {
        var row: Int64
        var key: DocumentKey
        var parent: DocumentKey?

        init(row: Int64, key: DocumentKey, parent: DocumentKey?) {
            self.row = row
            self.key = key
            self.parent = parent
        }

        static let columns = "row, collection, external_id, parent_collection, parent_id"

        init(_ row: Row) throws {
            self.row = row[0]
            key = DocumentKey(collection: try row.text(1) ?? "", externalID: try row.text(2) ?? "")
            if let collection = try row.text(3), let id = try row.text(4) {
                parent = DocumentKey(collection: collection, externalID: id)
            }
        }
    }

    private func members(
        of collection: String, scope: String?, from start: String
    ) throws -> [Member] {
        let index = scope == nil ? "documents_by_key" : "documents_by_scope"
        return try db.rows(
            """
            SELECT \(Member.columns) FROM documents INDEXED BY \(index)
            WHERE organization = ? AND project = ? AND integration = ?
                AND collection = \(textPlaceholder)
                \(scope == nil ? "" : "AND scope = \(textPlaceholder)")
                AND external_id >= \(textPlaceholder) AND deleted_at IS NULL
            ORDER BY external_id LIMIT \(Self.pageSize)
            """,
            source + [Text(collection)] + (scope.map { [Text($0)] } ?? []) + [Text(start)],
            Member.init)
    }

    private func children(of key: DocumentKey, after row: Int64) throws -> [Member] {
        try db.rows(
            """
            SELECT \(Member.columns) FROM documents INDEXED BY documents_by_parent
            WHERE organization = ? AND project = ? AND integration = ?
                AND parent_collection = \(textPlaceholder) AND parent_id = \(textPlaceholder)
                AND row > ? AND deleted_at IS NULL
            ORDER BY row LIMIT \(Self.pageSize)
            """, source + [Text(key.collection), Text(key.externalID), row], Member.init)
    }

    private func parent(of key: DocumentKey) throws -> DocumentKey? {
        try db.row(
            """
            SELECT \(Member.columns) FROM documents INDEXED BY documents_by_key
            WHERE organization = ? AND project = ? AND integration = ?
                AND collection = \(textPlaceholder) AND external_id = \(textPlaceholder)
            """, source + [Text(key.collection), Text(key.externalID)], Member.init)?.parent
    }
}
