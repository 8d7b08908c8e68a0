import PluginKit
import Testing

@testable import ClickUp

@Suite struct TaskWalkTests {
    /// A service with tasks of these dates, in its own order; pages of 100, as ClickUp's.
    private struct Service {
        var dates: [Int64]
        var isDescending = false
        var knowsDates = true
        var saysLast = true
        private(set) var asked = 0

        init(_ dates: [Int64], isDescending: Bool = false, knowsDates: Bool = true, saysLast: Bool = true) {
            self.dates = dates
            (self.isDescending, self.knowsDates, self.saysLast) = (isDescending, knowsDates, saysLast)
        }

        mutating func answer(_ query: [(name: String, value: String)]) -> (page: [TaskWalk.Stop], isLast: Bool) {
            asked += 1
            func number(_ name: String) -> Int64? { query.first { $0.name == name }.flatMap { Int64($0.value) } }
            let after = knowsDates ? number("date_created_gt") ?? .min : .min
            let before = knowsDates ? number("date_created_lt") ?? .max : .max
            var stops = dates.enumerated().map { TaskWalk.Stop(id: "t\($0.offset)", date: $0.element) }
            stops = stops.filter { ($0.date ?? 0) > after && ($0.date ?? 0) < before }
            if isDescending { stops.reverse() }
            let start = Int(number("page") ?? 0) * 100
            let page = stops.dropFirst(start).prefix(100)
            return (Array(page), saysLast && start + 100 >= stops.count)
        }
    }

    /// The ids that a walk meets anew, and how it ends.
    private func walk(_ service: inout Service, _ walk: TaskWalk = TaskWalk(.created)) -> ([String], TaskWalk.Step) {
        var walk = walk
        var found: [String] = []
        while true {
            let (page, isLast) = service.answer(walk.query)
            found += page.map(\.id).filter(walk.isNew)
            let step = walk.advance(page, isLast: isLast)
            if step != .next { return (found, step) }
        }
    }

    static let dates: [[Int64]] = [
        [], [5], (0..<99).map { $0 }, (0..<100).map { $0 }, (0..<101).map { $0 }, (0..<350).map { $0 },
        (0..<350).map { $0 / 7 }, (0..<350).map { $0 / 130 }, (0..<350).map { _ in 3 }, (0..<300).map { $0 / 100 },
        (0..<120).map { $0 < 110 ? 1 : $0 },
    ]

    @Test(arguments: dates, [false, true])
    func `every task is met, in whichever direction, whatever dates they share`(
        dates: [Int64], isDescending: Bool
    ) {
        for saysLast in [true, false] {
            var service = Service(dates, isDescending: isDescending, saysLast: saysLast)
            let (found, end) = walk(&service)
            #expect(Set(found).count == dates.count && end == .end, "\(dates.count), last page said: \(saysLast)")
        }
    }

    @Test func `with dates of their own there is hardly a page more than there must be`() {
        var service = Service((0..<5_000).map { $0 })
        let (found, _) = walk(&service)
        #expect(found.count == 5_000 && service.asked == 51)
    }

    @Test func `a service that does not know the dates is walked by page numbers`() {
        var service = Service((0..<250).map { $0 }, knowsDates: false)
        let (found, end) = walk(&service)
        #expect(Set(found).count == 250 && end == .end)
    }

    @Test func `a service that repeats its page for ever is left`() {
        var walk = TaskWalk(.created)
        let page = (0..<100).map { TaskWalk.Stop(id: "t\($0)", date: Int64($0)) }
        var steps: [TaskWalk.Step] = []
        while steps.last ?? .next == .next, steps.count < 10 { steps.append(walk.advance(page, isLast: false)) }
        #expect(steps.last == .incomplete && steps.count < 6)
    }

    @Test func `a walk that goes on where another stood misses nothing`() throws {
        var service = Service((0..<450).map { $0 / 3 })
        var first = TaskWalk(.created)
        var found: Set<String> = []
        for _ in 0..<2 {
            let (page, isLast) = service.answer(first.query)
            found.formUnion(page.map(\.id))
            _ = first.advance(page, isLast: isLast)
        }
        let bytes = first.mark.json.utf8
        var second = TaskWalk(.created)
        second.resume(at: TaskWalk.Mark(try JSONValue(parsing: bytes)))
        let (rest, end) = walk(&service, second)
        #expect(found.union(rest).count == 450 && end == .end)
        #expect(service.asked <= 6)
    }

    @Test func `what changed is asked for by the date of the change`() {
        let walk = TaskWalk(.updated, after: 99)
        #expect(
            walk.query.map { "\($0.name)=\($0.value)" } == ["order_by=updated", "reverse=true", "date_updated_gt=99"])
    }
}
