import Core
import Testing

@Suite("Which collection a step counts")
struct StepCollectionsTests {
    @Test(arguments: ["storing_doc", "importing_docs", "docs"])
    func `a step that is named after a collection counts it, as soon as there is one`(step: String) {
        var steps = StepCollections()
        #expect(steps.collection(of: step, count: 0) == nil)
        steps.saw(documentOf: "docs")
        steps.saw(documentOf: "pages")
        #expect(steps.collection(of: step, count: 9) == "docs")
    }

    @Test func `a step of any name counts the collection that grows as it does`() {
        var steps = StepCollections()
        for count in 1...100 {
            let collection = steps.collection(of: "phase_two", count: Int64(count))
            #expect(collection == (count == 1 ? nil : "issues"), "\(count)")
            steps.saw(documentOf: "issues")
            for _ in 0..<5 where count.isMultiple(of: 2) { steps.saw(documentOf: "comments") }
        }
    }

    @Test func `what failed or is under way makes no difference, what grows otherwise does`() {
        var steps = StepCollections()
        _ = steps.collection(of: "working", count: 0)
        for _ in 0..<95 { steps.saw(documentOf: "issues") }
        #expect(steps.collection(of: "working", count: 100) == "issues")
        #expect(steps.collection(of: "working", count: 400) == nil)
        var twins = StepCollections()
        _ = twins.collection(of: "working", count: 0)
        for name in ["a", "b"] { twins.saw(documentOf: name) }
        #expect(twins.collection(of: "working", count: 1) == nil)
    }

    @Test(arguments: [(Int64.min, Int64.max), (.max, .min), (0, .max), (-1, .max)])
    func `no count of a plugin is too great`(first: Int64, last: Int64) {
        var steps = StepCollections()
        steps.saw(documentOf: "issues")
        #expect(steps.collection(of: "working", count: first) == nil)
        steps.saw(documentOf: "issues")
        #expect(steps.collection(of: "working", count: last) == nil)
    }

    @Test func `a step that begins anew is no measure, whatever its name`() {
        var steps = StepCollections()
        steps.saw(documentOf: "pages")
        #expect(steps.collection(of: "storing_page", count: 3) == "pages")
        #expect(steps.collection(of: "storing_page", count: 1) == nil)
        #expect(steps.collection(of: "storing_page", count: 7) == nil)
    }
}
