import Testing

@testable import Store

@Suite("Marks of rows") struct RowMarksTests {
    @Test("a row has the mark that it was given, and its neighbours have none")
    func marks() {
        var marks = RowMarks()
        for row in [1, 31, 32, 4095, 4096, 1 << 40] as [Int64] {
            for mark in [RowMarks.Mark.new, .unchanged, .updated] {
                marks[row] = mark
                #expect(marks[row] == mark)
            }
        }
        for row in [2, 30, 33, 4094, 4097, 1 << 40 + 1] as [Int64] {
            #expect(marks[row] == .none)
        }
        marks[32] = .none
        #expect(marks[32] == .none)
        #expect(marks[31] == .updated)
    }

    @Test("a million dense rows take a quarter of a megabyte")
    func size() {
        var marks = RowMarks()
        for row in Int64(1)...1_000_000 { marks[row] = .unchanged }
        #expect(marks.byteCount <= 256 * 1024)
    }

    @Test("a copy is not changed with the original")
    func copies() {
        var marks = RowMarks()
        marks[5] = .new
        let copy = marks
        marks[5] = .none
        #expect(copy[5] == .new)
    }
}
