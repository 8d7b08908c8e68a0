import CCurl
import Synchronization

/// One curl multi handle and the loop that drives it, on a thread of its own. Other threads
/// reach it through the inbox alone.
final class CurlLoop: Sendable {
    enum Command: Sendable {
        case start(CurlTransfer)
        case cancel(UInt64)
        /// Ends every transfer, then the loop.
        case stop(CheckedContinuation<Void, Never>)
    }

    /// The one pointer that both sides use: curl allows `curl_multi_wakeup` from any thread.
    struct Multi: @unchecked Sendable {
        let handle: UnsafeMutableRawPointer
    }

    private struct Inbox {
        var commands: [Command] = []
        /// Set before the multi handle goes: nobody may wake it after that.
        var isClosed = false
    }

    private let multi: Multi
    private let maximumTransfers: Int
    private let inbox = Mutex(Inbox())

    init(multi: Multi, maximumTransfers: Int) {
        self.multi = multi
        self.maximumTransfers = maximumTransfers
    }

    func post(_ command: Command) {
        let isPosted = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.commands.append(command)
            curl_multi_wakeup(multi.handle)
            return true
        }
        if !isPosted { Self.refuse(command) }
    }

    private static func refuse(_ command: Command) {
        switch command {
        case .start(let transfer): transfer.cancel()
        case .cancel: break
        case .stop(let continuation): continuation.resume()
        }
    }

    /// The thread's whole life.
    func run() {
        var transfers = ActiveTransfers(multi: multi.handle, maximum: maximumTransfers)
        var stop: CheckedContinuation<Void, Never>?
        while stop == nil {
            for command in takeCommands() {
                switch command {
                case .start(let transfer): transfers.add(transfer)
                case .cancel(let id): transfers.cancel(id)
                case .stop(let continuation): stop = continuation
                }
            }
            transfers.perform()
            // Until a socket, a timeout of curl's own or a command; the bound is only a guard.
            if stop == nil { curl_multi_poll(multi.handle, nil, 0, 60_000, nil) }
        }
        transfers.cancelAll()
        let late = inbox.withLock { inbox in
            inbox.isClosed = true
            return inbox.commands
        }
        for command in late { Self.refuse(command) }
        curl_multi_cleanup(multi.handle)
        stop?.resume()
    }

    private func takeCommands() -> [Command] {
        inbox.withLock { inbox in
            defer { inbox.commands = [] }
            return inbox.commands
        }
    }
}

/// The transfers of the loop: so many at curl, the others in line.
private struct ActiveTransfers {
    private let multi: UnsafeMutableRawPointer
    private let maximum: Int
    private var line: [CurlTransfer] = []
    private var active: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    /// Easy handles to use again.
    private var idle: [UnsafeMutableRawPointer] = []

    init(multi: UnsafeMutableRawPointer, maximum: Int) {
        self.multi = multi
        self.maximum = maximum
    }

    mutating func add(_ transfer: CurlTransfer) {
        line.append(transfer)
        startNext()
    }

    mutating func perform() {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle
            else { continue }
            let code = message.pointee.data.result
            active[handle]?.finish(handle, code)
            release(handle)
        }
        startNext()
    }

    mutating func cancel(_ id: UInt64) {
        if let index = line.firstIndex(where: { $0.id == id }) {
            line.remove(at: index).cancel()
        } else if let (handle, transfer) = active.first(where: { $0.value.id == id }) {
            release(handle)
            transfer.cancel()
        }
        startNext()
    }

    mutating func cancelAll() {
        for transfer in line { transfer.cancel() }
        line = []
        for (handle, transfer) in active {
            release(handle)
            transfer.cancel()
        }
        for handle in idle { curl_easy_cleanup(handle) }
    }

    private mutating func startNext() {
        while active.count < maximum, !line.isEmpty {
            let transfer = line.removeFirst()
            guard let handle = idle.popLast() ?? curl_easy_init() else {
                transfer.fail("curl has no memory for another transfer")
                continue
            }
            transfer.prepare(handle)
            guard curl_multi_add_handle(multi, handle) == CURLM_OK else {
                curl_easy_cleanup(handle)
                transfer.fail("curl does not take another transfer")
                continue
            }
            active[handle] = transfer
        }
    }

    private mutating func release(_ handle: UnsafeMutableRawPointer) {
        curl_multi_remove_handle(multi, handle)
        curl_easy_reset(handle)
        active[handle] = nil
        idle.append(handle)
    }
}
