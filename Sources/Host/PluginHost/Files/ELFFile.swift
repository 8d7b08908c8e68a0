import Core

/// What a shared object says of itself without being loaded: names, libraries, paths.
///
/// Reads a file that may be anything: each number is checked before it is used.
package struct ELFFile: Sendable {
    package struct Symbol: Sendable, Equatable {
        package var name: String
        package var isFunction: Bool
    }

    /// Libraries that it is linked against, by their names.
    package private(set) var needed: [String] = []
    /// Where the dynamic linker looks for them, entry by entry, from RPATH and RUNPATH.
    package private(set) var searchPath: [String] = []
    /// What it defines for others, sorted.
    package private(set) var exports: [Symbol] = []
    /// The dynamic linker has to write into its code.
    package private(set) var hasTextRelocations = false
    /// It asks for stacks that can be executed; also one that says nothing of its stack does.
    package private(set) var wantsExecutableStack = true
    package private(set) var sections: Set<String> = []

    /// - Parameter content: all of the file.
    package init(_ content: [UInt8]) throws(MalformedELF) {
        try self.init(linkingOf: content)
        let image = ELFImage(content)
        let table = try image.sections()
        sections = Set(table.map(\.name))
        exports = try image.exports(table).sorted { $0.name < $1.name }
    }

    /// Only what the dynamic linker reads first: neither sections nor exports, of which a library may have many.
    init(linkingOf content: [UInt8]) throws(MalformedELF) {
        if let problem = ELFHeader.problem(in: Array(content.prefix(ELFHeader.size))) {
            throw MalformedELF(reason: problem)
        }
        let image = ELFImage(content)
        let segments = try image.segments()
        // The dynamic linker maps what is not there, and whoever reads it gets SIGBUS.
        guard segments.allSatisfy({ $0.type != ELFImage.loadedSegment || $0.isWithin(content.count) }) else {
            throw MalformedELF(reason: "it is cut off or damaged")
        }
        if let stack = segments.first(where: { $0.type == ELFImage.stackSegment }) {
            wantsExecutableStack = stack.isExecutable
        }
        if let dynamic = segments.first(where: { $0.type == ELFImage.dynamicSegment }) {
            try readDynamic(image.dynamicEntries(dynamic), image, segments)
        }
    }

    private mutating func readDynamic(
        _ entries: [ELFImage.DynamicEntry], _ image: ELFImage, _ segments: [ELFImage.Segment]
    ) throws(MalformedELF) {
        guard let table = entries.first(where: { $0.tag == .stringTable }) else { return }
        let strings = try image.offset(ofAddress: table.value, segments)
        for entry in entries {
            switch entry.tag {
            case .needed: needed.append(try image.text(entry.value, behind: strings))
            case .oldSearchPath, .searchPath:
                let path = try image.text(entry.value, behind: strings)
                searchPath += path.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            case .textRelocations: hasTextRelocations = true
            case .flags: hasTextRelocations = hasTextRelocations || entry.value & 4 != 0
            case .stringTable, nil: break
            }
        }
    }

    /// It brings a runtime that starts threads of its own and keeps them.
    package var hasThreadPool: Bool {
        isGo || needed.contains { $0.hasPrefix("libdispatch") || $0.hasPrefix("libswift_Concurrency") } || isSwift
    }

    package var isGo: Bool { sections.contains(".note.go.buildid") || sections.contains(".go.buildinfo") }
    package var isSwift: Bool { sections.contains("swift5_type_metadata") || sections.contains("swift5_typeref") }
}

/// Why a file is no shared object that can be read.
package struct MalformedELF: Error, Sendable {
    package var reason: String
}

/// The bytes of a 64-bit little-endian ELF file.
private struct ELFImage {
    static let dynamicSegment: UInt32 = 2
    static let stackSegment: UInt32 = 0x6474_e551
    static let loadedSegment: UInt32 = 1
    private static let dynamicSymbols: UInt32 = 11
    /// More than any real file has; a number beyond is nonsense.
    private static let mostEntries = 1 << 20

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    struct Segment {
        var type: UInt32
        var isExecutable: Bool
        var offset, address, size: Int

        /// Whether a file of so many bytes has all of it.
        func isWithin(_ bytes: Int) -> Bool { offset <= bytes && size <= bytes - offset }
    }

    struct Section {
        var name: String
        var type: UInt32
        var offset, size, link: Int
    }

    struct DynamicEntry {
        enum Tag: UInt64 {
            case needed = 1
            case stringTable = 5
            case oldSearchPath = 15
            case textRelocations = 22
            case searchPath = 29
            case flags = 30
        }

        var tag: Tag?
        var value: UInt64
    }

    private func number<Value: FixedWidthInteger>(
        at offset: Int, _ type: Value.Type = Value.self
    ) throws(MalformedELF) -> Value {
        let size = MemoryLayout<Value>.size
        guard offset >= 0, offset <= bytes.count - size else {
            throw MalformedELF(reason: "it is cut off or damaged")
        }
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
    }

    private func position(at offset: Int) throws(MalformedELF) -> Int {
        let value = try number(at: offset, UInt64.self)
        guard value <= UInt64(bytes.count) else { throw MalformedELF(reason: "it is cut off or damaged") }
        return Int(value)
    }

    func text(at offset: Int) throws(MalformedELF) -> String {
        guard bytes.indices.contains(offset), let end = bytes[offset...].firstIndex(of: 0) else {
            throw MalformedELF(reason: "a name in it is cut off")
        }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }

    /// - Parameter start: in the file, or its end.
    func text(_ distance: UInt64, behind start: Int) throws(MalformedELF) -> String {
        try text(at: start + Int(min(distance, UInt64(bytes.count))))
    }

    func segments() throws(MalformedELF) -> [Segment] {
        let table = try position(at: 32)
        var segments: [Segment] = []
        for index in 0..<Int(try number(at: 56, UInt16.self)) {
            let entry = table + index * 56
            segments.append(
                Segment(
                    type: try number(at: entry), isExecutable: try number(at: entry + 4, UInt32.self) & 1 != 0,
                    offset: Int(clamping: try number(at: entry + 8, UInt64.self)),
                    address: Int(clamping: try number(at: entry + 16, UInt64.self)),
                    size: Int(clamping: try number(at: entry + 32, UInt64.self))))
        }
        return segments
    }

    /// Where in the file the bytes are that will be at an address.
    func offset(ofAddress address: UInt64, _ segments: [Segment]) throws(MalformedELF) -> Int {
        let address = Int(clamping: address)
        for segment in segments
        where segment.type == Self.loadedSegment && address >= segment.address
            && address - segment.address < segment.size
        {
            let (offset, overflow) = segment.offset.addingReportingOverflow(address - segment.address)
            if !overflow { return min(offset, bytes.count) }
        }
        throw MalformedELF(reason: "it names an address that it does not load")
    }

    func dynamicEntries(_ segment: Segment) throws(MalformedELF) -> [DynamicEntry] {
        var entries: [DynamicEntry] = []
        var offset = min(segment.offset, bytes.count)
        for _ in 0..<min(segment.size / 16, Self.mostEntries) {
            let tag = try number(at: offset, UInt64.self)
            if tag == 0 { break }
            entries.append(DynamicEntry(tag: .init(rawValue: tag), value: try number(at: offset + 8)))
            offset += 16
        }
        return entries
    }

    /// None in a file that was stripped of its sections.
    func sections() throws(MalformedELF) -> [Section] {
        let table = try position(at: 40)
        let count = Int(try number(at: 60, UInt16.self))
        guard table > 0, count > 0 else { return [] }
        var sections: [(name: Int, section: Section)] = []
        for index in 0..<count {
            let entry = table + index * 64
            sections.append(
                (
                    Int(try number(at: entry, UInt32.self)),
                    Section(
                        name: "", type: try number(at: entry + 4),
                        offset: Int(clamping: try number(at: entry + 24, UInt64.self)),
                        size: Int(clamping: try number(at: entry + 32, UInt64.self)),
                        link: Int(try number(at: entry + 40, UInt32.self)))
                ))
        }
        let names = Int(try number(at: 62, UInt16.self))
        guard sections.indices.contains(names) else { return sections.map(\.section) }
        let start = min(sections[names].section.offset, bytes.count)
        return try sections.map { (name, section) throws(MalformedELF) in
            var section = section
            section.name = try text(at: start + name)
            return section
        }
    }

    /// Defined symbols of the dynamic table that are global or weak.
    func exports(_ sections: [Section]) throws(MalformedELF) -> [ELFFile.Symbol] {
        guard let table = sections.first(where: { $0.type == Self.dynamicSymbols }),
            sections.indices.contains(table.link)
        else { return [] }
        let strings = min(sections[table.link].offset, bytes.count)
        var symbols: [ELFFile.Symbol] = []
        for index in 0..<min(table.size / 24, Self.mostEntries) {
            let entry = min(table.offset, bytes.count) + index * 24
            let info = try number(at: entry + 4, UInt8.self)
            let visibility = try number(at: entry + 5, UInt8.self) & 3
            let section = try number(at: entry + 6, UInt16.self)
            guard info >> 4 == 1 || info >> 4 == 2, section != 0, visibility == 0 || visibility == 3 else { continue }
            let name = try text(at: strings + Int(try number(at: entry, UInt32.self)))
            symbols.append(ELFFile.Symbol(name: name, isFunction: info & 15 == 2 || info & 15 == 10))
        }
        return symbols
    }
}
