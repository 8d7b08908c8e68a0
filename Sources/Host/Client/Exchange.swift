import Core
import Glibc
import Transfer

/// One HTTP exchange.  It blocks the thread it is performed on.
struct Exchange {
    var method = "GET"
    var url: String
    /// Whole lines.
    var headers: [String] = []
    var body: [UInt8]?
    /// A file of certificates to trust; nil: the system's.
    var certificates: String?
    /// Past every proxy.
    var isDirect = false
    /// Ends it when nothing comes for so long.
    var idle = Duration.zero
    /// For all of it; zero: as long as it takes.
    var total = Duration.zero
    /// Ends it once it is readable; -1: nothing does.
    var stop: Int32 = -1

    private static let connecting = 10

    /// Takes the body piece by piece, with the head that came before it; false ends the exchange.
    typealias Piece = (ResponseHead, UnsafeRawBufferPointer) -> Bool

    func perform(_ piece: Piece) throws(ClientError) -> ResponseHead {
        let (head, outcome, explanation) = withoutActuallyEscaping(piece) { piece in
            let receiver = Receiver(piece)
            let (outcome, explanation) = perform(into: receiver)
            return (receiver.head, outcome, explanation)
        }
        let kind: ClientError.Kind
        switch outcome {
        case TRANSFER_DONE: return head
        case TRANSFER_STOPPED: throw ClientError(.stopped, "stopped")
        case TRANSFER_UNREACHABLE: kind = .unreachable
        case TRANSFER_UNTRUSTED: kind = .untrusted
        case TRANSFER_BROKEN: kind = .broken
        default: kind = .unusable
        }
        throw ClientError(kind, explanation.printable)
    }

    private func perform(into receiver: Receiver) -> (transfer_outcome, String) {
        var explanation = [CChar](repeating: 0, count: 512)
        let lines = headers.map { strdup($0) }
        defer { lines.forEach { free($0) } }
        let pointers = lines.map { UnsafePointer($0) }
        let outcome = method.withCString { method in
            url.withCString { url in
                withOptionalCString(certificates) { certificates in
                    pointers.withUnsafeBufferPointer { headers in
                        withBody { body in
                            var request = transfer_request()
                            request.method = method
                            request.url = url
                            request.headers = headers.baseAddress
                            request.header_count = headers.count
                            request.body = body.baseAddress
                            request.body_size = body.count
                            request.ca_file = certificates
                            request.is_direct = isDirect
                            request.connect_seconds = Self.connecting
                            request.idle_seconds = Int(idle.components.seconds)
                            request.total_seconds = Int(total.components.seconds)
                            request.stop_descriptor = stop
                            return transfer_perform(&request, receiver.face, &explanation, explanation.count)
                        }
                    }
                }
            }
        }
        let text = explanation.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return (outcome, String(decoding: text, as: UTF8.self))
    }

    private func withBody<Value>(_ use: (UnsafeRawBufferPointer) -> Value) -> Value {
        guard let body else { return use(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return body.withUnsafeBytes(use)
    }

    private func withOptionalCString<Value>(_ text: String?, _ use: (UnsafePointer<CChar>?) -> Value) -> Value {
        guard let text else { return use(nil) }
        return text.withCString(use)
    }

    /// What the C side calls.  It lives as long as the call.
    private final class Receiver {
        var head = ResponseHead()
        let piece: Piece

        init(_ piece: @escaping Piece) { self.piece = piece }

        var face: transfer_receiver {
            transfer_receiver(
                context: Unmanaged.passUnretained(self).toOpaque(),
                head: { context, line, size in
                    let bytes = UnsafeRawBufferPointer(start: line, count: size)
                    Receiver.at(context)?.head.take(String(decoding: bytes, as: UTF8.self))
                    return true
                },
                body: { context, bytes, size in
                    guard let receiver = Receiver.at(context) else { return false }
                    return receiver.piece(receiver.head, UnsafeRawBufferPointer(start: bytes, count: size))
                })
        }

        private static func at(_ context: UnsafeMutableRawPointer?) -> Receiver? {
            context.map { Unmanaged<Receiver>.fromOpaque($0).takeUnretainedValue() }
        }
    }
}
