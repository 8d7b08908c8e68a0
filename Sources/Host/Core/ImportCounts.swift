/// What an import did to the documents of each collection.  A document counts once per run.
package struct ImportCounts: Sendable, Equatable {
    package struct Collection: Sendable, Equatable {
        package var new = 0
        package var updated = 0
        package var unchanged = 0
        package var deleted = 0
        package var failed = 0
        package var skipped = 0

        package init() {}

        /// Everything that is stored as the source has it.
        package var imported: Int { new + updated + unchanged }
    }

    package var collections: [String: Collection] = [:]

    package init() {}

    package subscript(collection: String) -> Collection {
        get { collections[collection, default: Collection()] }
        set { collections[collection] = newValue }
    }

    /// All collections added up.
    package var total: Collection {
        collections.values.reduce(into: Collection()) { sum, each in
            sum.new += each.new
            sum.updated += each.updated
            sum.unchanged += each.unchanged
            sum.deleted += each.deleted
            sum.failed += each.failed
            sum.skipped += each.skipped
        }
    }
}

extension ImportCounts {
    /// By collection, in the order of their names; `imported` are all that are stored as the source has them.
    package var breakdown: JSONValue {
        .object(
            collections.sorted { $0.key < $1.key }.map { name, counts in
                JSONValue.Member(
                    name,
                    [
                        "imported": .integer(Int64(counts.imported)), "failed": .integer(Int64(counts.failed)),
                        "skipped": .integer(Int64(counts.skipped)), "new": .integer(Int64(counts.new)),
                        "updated": .integer(Int64(counts.updated)), "unchanged": .integer(Int64(counts.unchanged)),
                        "deleted": .integer(Int64(counts.deleted)),
                    ])
            })
    }
}
