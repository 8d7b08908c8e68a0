public import Driver
import PluginHost

/// A plugin file, read without being loaded.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do throws(MalformedELF) {
        _ = try ELFFile(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {}  // refused, as it should be
    return 0
}

@_cdecl("fuzz_elf_main")
public func main(_ count: CInt, _ arguments: Arguments) -> CInt { drive(count, arguments) { fuzz($0, $1) } }
