import Core
import Glibc
import Testing
import Worker

@testable import PluginHost

@Suite struct FrameTests {
    private func reading<Value>(
        _ bytes: [UInt8], _ body: (inout FrameReader) throws(MalformedFrame) -> Value
    ) throws(MalformedFrame) -> Value {
        // A buffer of exactly this size, so that reading beyond it is seen by a sanitizer.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        var reader = FrameReader(UnsafeRawBufferPointer(buffer))
        let value = try body(&reader)
        try reader.finish()
        return value
    }

    private func message(_ type: frame_type, _ payload: [UInt8]) throws -> PluginMessage {
        try payload.withUnsafeBytes { try PluginMessage(type: UInt8(type.rawValue), payload: $0) }
    }

    private func payload(_ type: frame_type, _ fill: (inout FrameWriter) -> Void) -> [UInt8] {
        var writer = FrameWriter(type)
        fill(&writer)
        return Array(writer.frame().dropFirst(5))
    }

    // MARK: Fields

    @Test func `a frame is its length, its type and its fields`() {
        var writer = FrameWriter(FRAME_ANSWER)
        writer.put(UInt32(0x0102_0304))
        writer.put(Int64(-1))
        writer.put("é")
        writer.put(UInt8(7))
        #expect(
            writer.frame() == [
                21, 0, 0, 0, 3, 4, 3, 2, 1, 255, 255, 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0xC3, 0xA9, 0, 7,
            ])
        #expect(FrameWriter(FRAME_CANCEL).frame() == [1, 0, 0, 0, 2])
    }

    @Test func `what is written is read`() throws {
        let bytes = payload(FRAME_START) {
            $0.put(UInt8(1))
            $0.put("text with \0 NUL and é")
            $0.put([0, 1, 255])
            $0.put(Int64.min)
            $0.put("")
        }
        try reading(bytes) { (reader) throws(MalformedFrame) in
            #expect(try reader.optionalText() == "text with \0 NUL and é")
            #expect(Array(try reader.data()) == [0, 1, 255])
            #expect(try reader.optionalCount() == nil)
            #expect(try reader.text() == "")
        }
    }

    @Test func `a frame that is cut off anywhere is malformed`() throws {
        let whole = payload(FRAME_REPORT) {
            $0.put(Int32(1))
            for _ in 0..<2 {
                $0.put(UInt8(1))
                $0.put("items")
            }
            $0.put("code")
            $0.put("message")
        }
        _ = try message(FRAME_REPORT, whole)
        for size in 0..<whole.count {
            #expect(throws: MalformedFrame.self) { try message(FRAME_REPORT, Array(whole.prefix(size))) }
        }
        #expect(throws: MalformedFrame.self) { try message(FRAME_REPORT, whole + [0]) }
    }

    @Test func `what a worker took from itself is told in bits`() throws {
        guard
            case .contained(let measures) = try message(
                FRAME_CONTAINED, payload(FRAME_CONTAINED) { $0.put(UInt32(0b100101)) })
        else { throw MalformedFrame(reason: "another message") }
        #expect(measures.noNewPrivileges && measures.landlockFiles && measures.seccomp)
        #expect(!measures.noCapabilities && !measures.landlockPorts && !measures.landlockSignals)
    }

    @Test func `a refused document is told with its size, or without its name`() throws {
        let named = payload(FRAME_REFUSED) {
            $0.put(Int32(10))
            $0.put(Int64(17_000_000))
            for text in ["items", "a"] {
                $0.put(UInt8(1))
                $0.put(text)
            }
        }
        guard case .refused(let large) = try message(FRAME_REFUSED, named) else {
            throw MalformedFrame(reason: "another message")
        }
        #expect(
            large.code == "document-too-large" && large.document?.externalID == "a"
                && large.message.contains("17000000"))
        let unnamed = payload(FRAME_REFUSED) {
            $0.put(Int32(9))
            $0.put(Int64(1))
            $0.put(UInt16(0))
        }
        guard case .refused(let rejected) = try message(FRAME_REFUSED, unnamed) else {
            throw MalformedFrame(reason: "another message")
        }
        #expect(rejected.code == "document-rejected" && rejected.document == nil && rejected.kind == .failed)
    }

    @Test func `a text that claims more than there is, or has no NUL, is malformed`() {
        for bytes in [
            [255, 255, 255, 255, 65, 0], [1, 0, 0, 0, 65], [1, 0, 0, 0, 65, 66], [2, 0, 0, 0, 65, 0], [0, 0, 0, 0],
        ] as [[UInt8]] {
            #expect(throws: MalformedFrame.self) {
                try reading(bytes) { (reader) throws(MalformedFrame) in try reader.text() }
            }
        }
    }

    @Test func `invalid UTF-8 is repaired`() throws {
        let bytes = payload(FRAME_LOAD_FAILED) { $0.put([0xFF, 0x61, 0xC3]) }
        guard case .loadFailed(let text) = try message(FRAME_LOAD_FAILED, bytes) else {
            Issue.record("another message")
            return
        }
        #expect(text == "\u{FFFD}a\u{FFFD}")
    }

    @Test(arguments: [0, 1, 2, 3, 4, 31, 45, 48, 255] as [UInt8])
    func `a type that a worker does not send is malformed`(type: UInt8) {
        #expect(throws: MalformedFrame.self) {
            try [UInt8](repeating: 0, count: 12).withUnsafeBytes { try PluginMessage(type: type, payload: $0) }
        }
    }

    @Test(arguments: ["", "Items", "a b", "a/b", "ä", "a\0", String(repeating: "x", count: 65)])
    func `a collection with a strange name is malformed`(name: String) {
        let bytes = payload(FRAME_REMOVE) {
            $0.put(name)
            $0.put("1")
        }
        #expect(throws: MalformedFrame.self) { try message(FRAME_REMOVE, bytes) }
    }

    @Test(arguments: [0, 4097]) func `an id that is empty or far too long is malformed`(size: Int) {
        let bytes = payload(FRAME_REMOVE) {
            $0.put("items")
            $0.put(String(repeating: "x", count: size))
        }
        #expect(throws: MalformedFrame.self) { try message(FRAME_REMOVE, bytes) }
    }

    @Test func `a status that nobody knows is the plugin's own bug`() {
        #expect(
            (0...11).map { PluginStatus(code: $0) } == [
                .ok, .cancelled, .invalidSettings, .authenticationFailed, .transient, .rateLimited, .permanent,
                .unsupported,
                .internal, .internal, .internal, .checkpointInvalid,
            ])
        for code in [-1, 12, 4711, .min, .max] as [Int32] { #expect(PluginStatus(code: code) == .internal) }
    }

    @Test func `times and numbers beyond reason are taken without a crash`() throws {
        for value in [Int64.min, -1, 0, 1, .max] {
            let wait = payload(FRAME_WAITING) {
                $0.put(value)
                $0.put("")
            }
            guard case .waiting(let until, _) = try message(FRAME_WAITING, wait) else { return }
            #expect((until == nil) == (value <= 0))
            let fail = payload(FRAME_FAIL) {
                $0.put("c")
                $0.put("m")
                $0.put(UInt8(0))
                $0.put(value)
            }
            guard case .fail(_, _, let after) = try message(FRAME_FAIL, fail) else { return }
            #expect(after.map { $0 > .zero && $0 <= .seconds(86_400) } ?? (value <= 0))
        }
    }

    @Test func `a hundred thousand random frames never crash`() {
        let types = Array(UInt8(30)...50)
        var understood = 0
        for _ in 0..<100_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<6) {
                switch Int.random(in: 0..<5) {
                case 0: bytes += [UInt8.random(in: 0...6), 0, 0, 0]
                case 1: bytes += (0..<Int.random(in: 0..<9)).map { _ in .random(in: 0...255) }
                case 2: bytes += [5, 0, 0, 0] + Array("items".utf8) + [0]
                case 3: bytes += [2, 0, 0, 0] + Array("{}".utf8) + [0]
                default: bytes += [UInt8.random(in: 0...1)]
                }
            }
            let isMessage: Bool = bytes.withUnsafeBytes { bytes in
                (try? PluginMessage(type: types.randomElement()!, payload: bytes)) != nil  // most make no sense
            }
            if isMessage { understood += 1 }
        }
        #expect(understood > 100, "the fuzz does not get past the first field")
    }

    // MARK: The buffer

    private struct Pair: ~Copyable {
        var host: CInt
        var worker: CInt

        init() {
            var ends: [CInt] = [-1, -1]
            precondition(system_socket_pair(&ends) == 0)
            (host, worker) = (ends[0], ends[1])
        }

        func write(_ bytes: [UInt8]) {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    send(worker, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
                }
                precondition(count > 0)
                sent += count
            }
        }

        deinit {
            close(host)
            close(worker)
        }
    }

    /// All frames that are whole, as type and payload.
    private func drain(_ buffer: inout FrameBuffer) throws(MalformedFrame) -> [(UInt8, [UInt8])] {
        var frames: [(UInt8, [UInt8])] = []
        while let frame = try buffer.next({ (type, payload) throws(MalformedFrame) in (type, [UInt8](payload)) }) {
            frames.append(frame)
        }
        return frames
    }

    @Test func `frames that come byte by byte are put together`() throws {
        let pair = Pair()
        var buffer = FrameBuffer()
        var frames: [(UInt8, [UInt8])] = []
        for byte in [3, 0, 0, 0, 36, 1, 2, 1, 0, 0, 0, 99] as [UInt8] {
            pair.write([byte])
            #expect(try buffer.fill(from: pair.host))
            frames += try drain(&buffer)
        }
        #expect(frames.map(\.0) == [36, 99])
        #expect(frames.map(\.1) == [[1, 2], []])
    }

    @Test func `small and very large frames in any mixture arrive whole`() throws {
        let pair = Pair()
        var buffer = FrameBuffer()
        for size in [0, 1, 100, 262_139, 262_140, 262_141, 70_000, 3_000_000, 5, 262_144, 1_000_000, 0] {
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let frame = withUnsafeBytes(of: UInt32(size + 1).littleEndian) { Array($0) } + [38] + body
            var received: [(UInt8, [UInt8])] = []
            for start in stride(from: 0, to: frame.count, by: 60_000) {
                pair.write(Array(frame[start..<min(start + 60_000, frame.count)]))
                #expect(try buffer.fill(from: pair.host))
                received += try drain(&buffer)
            }
            while received.isEmpty {
                #expect(try buffer.fill(from: pair.host))
                received += try drain(&buffer)
            }
            #expect(received.count == 1)
            #expect(received.first?.1 == body)
        }
    }

    @Test(arguments: [[0, 0, 0, 0], [255, 255, 255, 255], [1, 0, 16, 1]] as [[UInt8]])
    func `a length that no frame has is malformed, before anything is allocated for it`(length: [UInt8]) throws {
        let pair = Pair()
        var buffer = FrameBuffer()
        pair.write(length)
        _ = try buffer.fill(from: pair.host)
        var isMalformed = false
        do { _ = try drain(&buffer) } catch { isMalformed = true }
        #expect(isMalformed)
    }

    @Test func `the other end that closes is seen after what it sent`() throws {
        let pair = Pair()
        var buffer = FrameBuffer()
        pair.write([1, 0, 0, 0, 2, 9, 0])
        shutdown(pair.worker, CInt(SHUT_WR))
        #expect(try buffer.fill(from: pair.host))
        #expect(try drain(&buffer).map(\.0) == [2])
        #expect(try !buffer.fill(from: pair.host))
        #expect(try drain(&buffer).isEmpty)
    }

    @Test func `nothing to read is not the end`() throws {
        let pair = Pair()
        var buffer = FrameBuffer()
        #expect(try buffer.fill(from: pair.host))
        #expect(try drain(&buffer).isEmpty)
    }
}
