/// SplitMix64: the same numbers give the same throws on every machine and in every release.
struct Dice {
    private var state: UInt64 = 0x6A09_E667_F3BC_C908

    /// Dice for one place, such as the seed, a doc and a page.
    init(_ place: Int...) {
        for number in place {
            state ^= UInt64(bitPattern: Int64(number))
            state = throwNext()
        }
    }

    private mutating func throwNext() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int {
        Int(throwNext() % UInt64(bound))
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }
}
