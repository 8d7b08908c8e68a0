import CCurl

/// One request on one easy handle. Belongs to the curl thread from the moment it is handed over;
/// nothing else touches it after that, which is the guard of `@unchecked Sendable`.
final class CurlTransfer: @unchecked Sendable {
    /// Seconds without a byte after which a request is given up, and tried again. ClickUp's own gateway gives up
    /// later, but its slowest listings begin to come long before.
    private static let stallTime = 30

    let id: UInt64
    private let request: Request
    private let maximumBody: Int
    private let continuation: CheckedContinuation<Response, any Error>
    private var body: [UInt8] = []
    private var exceedsLimit = false
    private var headers: UnsafeMutablePointer<curl_slist>?
    /// curl writes what went wrong here.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init(
        id: UInt64, request: Request, maximumBody: Int,
        continuation: CheckedContinuation<Response, any Error>
    ) {
        self.id = id
        self.request = request
        self.maximumBody = maximumBody
        self.continuation = continuation
        errorText.pointee = 0
    }

    deinit {
        curl_slist_free_all(headers)
        errorText.deallocate()
    }

    /// Sets the handle up. It holds this object unretained: the caller keeps it until the handle
    /// has left the multi handle.
    func prepare(_ handle: UnsafeMutableRawPointer) {
        for line in request.headers { headers = curl_slist_append(headers, line) ?? headers }
        _ = ccurl_set_string(handle, CURLOPT_URL, request.url)
        _ = ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        _ = ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        if request.method != "GET" { _ = ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method) }
        if let body = request.body {
            _ = ccurl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.count)
            _ = ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, String(decoding: body, as: UTF8.self))
        }
        _ = ccurl_set_string(handle, CURLOPT_ACCEPT_ENCODING, "gzip")
        _ = ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        // A redirect would carry the token to wherever it points.
        _ = ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        _ = ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT, 10)
        _ = ccurl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
        _ = ccurl_set_long(handle, CURLOPT_LOW_SPEED_TIME, Self.stallTime)
        _ = ccurl_set_long(handle, CURLOPT_TIMEOUT, 600)
        _ = ccurl_set_write(handle, receiveBody, Unmanaged.passUnretained(self).toOpaque())
    }

    /// False ends the transfer.
    fileprivate func receive(_ bytes: UnsafeBufferPointer<CChar>) -> Bool {
        guard body.count + bytes.count <= maximumBody else {
            exceedsLimit = true
            return false
        }
        body.append(contentsOf: UnsafeRawBufferPointer(bytes))
        return true
    }

    func cancel() { continuation.resume(throwing: CancellationError()) }

    func finish(_ handle: UnsafeMutableRawPointer, _ code: CURLcode) {
        if code == CURLE_OK {
            continuation.resume(returning: response(handle))
        } else {
            continuation.resume(throwing: error(code))
        }
    }

    func fail(_ message: String) {
        continuation.resume(throwing: TransportError(kind: .interrupted, message: message))
    }

    private func response(_ handle: UnsafeMutableRawPointer) -> Response {
        var status = 0
        _ = ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        var retryAfter: curl_off_t = 0
        _ = ccurl_get_offset(handle, CURLINFO_RETRY_AFTER, &retryAfter)
        let rateLimit = Response.RateLimit(
            limit: number("x-ratelimit-limit", handle),
            remaining: number("x-ratelimit-remaining", handle),
            reset: number("x-ratelimit-reset", handle))
        return Response(
            status: status, body: body, rateLimit: rateLimit,
            retryAfter: retryAfter > 0 ? Int64(retryAfter) : nil, date: date(handle))
    }

    private func date(_ handle: UnsafeMutableRawPointer) -> Int64? {
        var header: UnsafeMutablePointer<curl_header>?
        guard curl_easy_header(handle, "date", 0, UInt32(CURLH_HEADER), -1, &header) == CURLHE_OK,
            let value = header?.pointee.value
        else { return nil }
        let seconds = curl_getdate(value, nil)
        return seconds > 0 ? Int64(seconds) * 1_000 : nil
    }

    private func number(_ name: String, _ handle: UnsafeMutableRawPointer) -> Int64? {
        var header: UnsafeMutablePointer<curl_header>?
        guard curl_easy_header(handle, name, 0, UInt32(CURLH_HEADER), -1, &header) == CURLHE_OK,
            let value = header?.pointee.value
        else { return nil }
        let text = String(cString: value)
        return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0.rounded()) }
    }

    private func error(_ code: CURLcode) -> TransportError {
        if exceedsLimit {
            return TransportError(
                kind: .tooLarge, message: "the answer is larger than \(maximumBody >> 20) MiB")
        }
        let detail = String(cString: errorText)
        let message = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        return TransportError(kind: Self.isFinal(code) ? .refused : .interrupted, message: message)
    }

    private static func isFinal(_ code: CURLcode) -> Bool {
        [
            CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_PEER_FAILED_VERIFICATION,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
        ].contains { $0 == code }
    }
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    let received = UnsafeBufferPointer(start: bytes, count: size * count)
    return transfer.receive(received) ? received.count : 0
}
