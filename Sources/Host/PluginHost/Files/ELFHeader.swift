#if arch(x86_64)
    private let thisMachine = (code: UInt16(62), name: "x86-64")
#elseif arch(arm64)
    private let thisMachine = (code: UInt16(183), name: "AArch64")
#endif

/// What the first bytes of a file tell about whether it can be loaded here at all.
enum ELFHeader {
    static let size = 20

    /// Why a file that starts with these bytes is not a shared object for this machine; nil if
    /// it looks like one.
    static func problem(in header: [UInt8]) -> String? {
        guard header.count >= size, header.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            return "it is not an ELF file"
        }
        guard header[4] == 2, header[5] == 1 else { return "it is not a 64-bit little-endian ELF file" }
        let type = UInt16(header[16]) | UInt16(header[17]) << 8
        guard type == 3 else { return "it is not a shared object (build it with -shared -fPIC)" }
        let machine = UInt16(header[18]) | UInt16(header[19]) << 8
        guard machine == thisMachine.code else {
            return "it is for another machine (ELF machine \(machine); this one is \(thisMachine.name))"
        }
        return nil
    }
}
