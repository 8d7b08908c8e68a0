/// A bar for a part of a whole.
enum Bar {
    static let cells = 24

    /// - Parameter part: 0 to 1.
    static func spans(_ part: Double, _ style: Style, cells: Int = cells) -> [(String, Line.Role)] {
        let full = Int(min(max(part, 0), 1) * Double(cells))
        let (done, left) = style.hasBlocks ? ("█", "░") : ("#", "-")
        return [
            (String(repeating: done, count: full), .accent), (String(repeating: left, count: cells - full), .dim),
        ]
    }
}
