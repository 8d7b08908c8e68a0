import NIOCore

/// Knows whether a stream's connection takes bytes; tells when it does again, and when the client has gone.
///
/// Stands at the head of the pipeline: nobody has to read on for it to notice.
final class StreamConnection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private(set) var isWritable: Bool
    /// Whether a client that will send no more has left.  A stream of HTTP/2 says with its request that
    /// it will send no more.
    private let leavesWithInput: Bool
    private let whenWritable: () -> Void
    private let whenLeft: () -> Void

    init(
        isWritable: Bool, leavesWithInput: Bool, whenWritable: @escaping () -> Void,
        whenLeft: @escaping () -> Void
    ) {
        self.isWritable = isWritable
        self.leavesWithInput = leavesWithInput
        self.whenWritable = whenWritable
        self.whenLeft = whenLeft
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        context.fireChannelWritabilityChanged()
        if isWritable { whenWritable() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if leavesWithInput, case .inputClosed? = event as? ChannelEvent { whenLeft() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        context.fireChannelInactive()
        whenLeft()
    }
}
