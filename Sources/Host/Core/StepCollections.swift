/// Tells which collection the count of a step is about, of whatever plugin: by the step's name, or
/// because as many documents of one collection have come as the step has counted meanwhile.
package struct StepCollections: Sendable {
    private struct Step {
        var first: Int64
        var last: Int64
        /// Documents by collection when the step began.
        var documents: [String: Int64]
        /// It counts from the beginning again and again, for each folder say: no measure of the whole.
        var isCyclic = false
    }

    /// Documents that have come, by collection; what is unchanged has come too.
    private var documents: [String: Int64] = [:]
    private var steps: [String: Step] = [:]

    package init() {}

    package mutating func saw(documentOf collection: String) { documents[collection, default: 0] += 1 }

    /// Notes what a step says it has counted.  nil: it cannot be told, or is not of the whole.
    package mutating func collection(of name: String, count: Int64) -> String? {
        // Any number may come from a plugin; differences of these fit.
        let count = min(max(count, 0), .max / 4)
        var step = steps[name] ?? Step(first: count, last: count, documents: documents)
        step.isCyclic = step.isCyclic || count < step.last
        step.last = count
        steps[name] = step
        guard !step.isCyclic else { return nil }
        return documents.keys.first { Self.step(name, counts: $0) } ?? counted(since: step)
    }

    /// The collection that has grown most nearly as the step has, but for what failed or is still under way.
    private func counted(since step: Step) -> String? {
        let grown = step.last - step.first
        guard grown > 0 else { return nil }
        let fitting = documents.compactMap { collection, seen -> (name: String, distance: Int64)? in
            let come = seen - step.documents[collection, default: 0]
            let distance = abs(come - grown)
            return come > 0 && distance <= 1 + grown / 10 ? (collection, distance) : nil
        }
        guard let nearest = fitting.min(by: { $0.distance < $1.distance }) else { return nil }
        return fitting.count { $0.distance == nearest.distance } == 1 ? nearest.name : nil
    }

    /// `storing_doc` counts docs one by one; `storing_docs` and `fetching_docs` are about lots of them.
    private static func step(_ step: String, counts collection: String) -> Bool {
        step == collection || step == "importing_\(collection)"
            || step.split(separator: "_").last.map { $0 == singular(collection) && $0 != collection } ?? false
    }

    private static func singular(_ collection: String) -> String {
        if collection.hasSuffix("ies") { return collection.dropLast(3) + "y" }
        return collection.hasSuffix("s") ? String(collection.dropLast()) : collection
    }
}
