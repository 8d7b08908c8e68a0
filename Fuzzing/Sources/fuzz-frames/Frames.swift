import Core
public import Driver
import Glibc
@testable import PluginHost
import Worker

/// What a worker sends: the bytes as a stream of frames, in pieces as a socket gives them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var ends: [CInt] = [-1, -1]
    guard system_socket_pair(&ends) == 0 else { return 0 }
    defer { close(ends[0]) }
    _ = write(ends[1], start, min(count, 64 << 10))
    close(ends[1])
    var frames = FrameBuffer()
    let mask = SecretMask([Secret("a secret of four words")])
    do throws(MalformedFrame) {
        while try frames.fill(from: ends[0]) {
            while let message = try frames.next({ (type, payload) throws(MalformedFrame) in
                try PluginMessage(type: type, payload: payload)
            }) {
                _ = message.masked(by: mask)
            }
        }
    } catch {}  // what makes no sense is refused; it must not do more
    return 0
}

@_cdecl("fuzz_frames_main")
public func main(_ count: CInt, _ arguments: Arguments) -> CInt { drive(count, arguments) { fuzz($0, $1) } }
