import Glibc
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOSSL

/// Where the bytes of a stream's body go once its head is out.
///
/// Over HTTP/1.1 they go in below the encoder, as chunks that were framed once for all readers: what
/// each event costs per reader is then the system call, and not a walk through the pipeline.  A stream
/// of HTTP/2 has frames of its own for every connection, and takes the usual way.
///
/// Used on the channel's event loop alone.
final class StreamOutlet {
    let channel: any Channel
    /// The place in the pipeline below which chunks go.
    private let encoder: ChannelHandlerContext?
    /// A descriptor of its own for the connection's socket: the channel's may be closed, and its number
    /// given to another file, while someone else writes.  nil until it is asked for.
    private var ownDescriptor: CInt?

    init(_ channel: any Channel) {
        self.channel = channel
        encoder = try? channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
    }

    /// Bytes of a stream of HTTP/2 that are on their way to the connection: its writability tells nothing of
    /// what the layers between hold.
    private var unwritten = 0
    /// Called when it takes more again.
    var whenRoom: (() -> Void)?
    private static let mostUnwritten = 64 << 10

    var isHTTP1: Bool { encoder != nil }

    var isFull: Bool { unwritten >= Self.mostUnwritten }

    /// Has the kernel take no more than it can soon send: it would keep megabytes for a client that reads
    /// slowly or not at all, and what stands in the log until there is room may be superseded meanwhile.
    func limitUnsentBytes() {
        let connection = isHTTP1 ? channel : channel.parent
        // Fails on a connection that is closed already.
        try? connection?.syncOptions?.setOption(.tcpOption(.init(rawValue: TCP_NOTSENT_LOWAT)), value: 64 << 10)
    }

    /// What the connection still holds; nil where it is closed already.
    var bufferedBytes: Int? {
        // A stream of HTTP/2 ends the process when it is asked.
        isHTTP1 ? try? channel.syncOptions?.getOption(.bufferedWritableBytes) : unwritten
    }

    /// What the outlet hands to the connection, in bytes; the caller flushes.
    func write(_ chunk: StreamChunk) -> Int {
        guard let encoder else {
            let size = chunk.body.readableBytes
            let promise = channel.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { _ in self.wrote(size) }
            unwritten += size
            channel.write(HTTPResponsePart.body(chunk.body), promise: promise)
            return size
        }
        encoder.write(NIOAny(IOData.byteBuffer(chunk.framed)), promise: nil)
        return chunk.framed.readableBytes
    }

    private func wrote(_ size: Int) {
        let wasFull = isFull
        unwritten -= size
        if wasFull, !isFull { whenRoom?() }
    }

    /// Bytes that are chunks, or parts of one, already; only over HTTP/1.1.
    func write(framed bytes: ByteBuffer) -> Int {
        encoder?.write(NIOAny(IOData.byteBuffer(bytes)), promise: nil)
        return bytes.readableBytes
    }

    /// The connection's socket, for chunks; nil where they do not go out as they are.
    var descriptor: CInt? {
        guard isHTTP1, channel.isActive else { return nil }
        if ownDescriptor == nil { ownDescriptor = duplicate() }
        return ownDescriptor.flatMap { $0 >= 0 ? $0 : nil }
    }

    private func duplicate() -> CInt {
        let pipeline = channel.pipeline.syncOperations
        guard (try? pipeline.context(handlerType: NIOSSLHandler.self)) == nil else { return -1 }
        let copy = try? pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            fcntl($0, F_DUPFD_CLOEXEC, 0)
        }
        return copy ?? -1
    }

    /// Nothing is written any more.
    func close() {
        if let descriptor = ownDescriptor, descriptor >= 0 { _ = Glibc.close(descriptor) }
        ownDescriptor = -1
    }

    func flush() {
        if let encoder { encoder.flush() } else { channel.flush() }
    }
}

/// Bytes of a body, also as a chunk of `Transfer-Encoding: chunked` (RFC 9112, 7.1).
struct StreamChunk {
    /// With its length before it and a line's end behind it.
    let framed: ByteBuffer
    /// The same bytes in the same storage.
    let body: ByteBuffer

    /// An empty chunk would end the body: `size` is more than zero.
    init(size: Int, _ fill: (inout ByteBuffer) -> Void) {
        precondition(size > 0)
        let length = String(size, radix: 16)
        var buffer = ByteBufferAllocator().buffer(capacity: length.utf8.count + size + 4)
        buffer.writeString(length)
        buffer.writeStaticString("\r\n")
        let start = buffer.writerIndex
        fill(&buffer)
        precondition(buffer.writerIndex - start == size)
        buffer.writeStaticString("\r\n")
        framed = buffer
        body = buffer.getSlice(at: start, length: size)!
    }

    init(_ bytes: some Collection<UInt8>) {
        self.init(size: bytes.count) { $0.writeBytes(bytes) }
    }

    /// A chunk of these bytes.
    static func framed(_ bytes: [UInt8]) -> [UInt8] {
        var chunk: [UInt8] = []
        chunk.reserveCapacity(bytes.count + 20)
        chunk.append(contentsOf: String(bytes.count, radix: 16).utf8)
        chunk.append(contentsOf: "\r\n".utf8)
        chunk.append(contentsOf: bytes)
        chunk.append(contentsOf: "\r\n".utf8)
        return chunk
    }
}
