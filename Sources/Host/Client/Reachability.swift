package import Core

/// Whether someone answers at an address, whatever they say.
package enum Reachability {
    private static let patience = Duration.seconds(15)

    /// Asks with HEAD, without any credentials.
    ///
    /// - Returns: what the other side's clock says, if it tells.
    package static func ask(_ url: String) throws(ClientError) -> Timestamp? {
        var exchange = Exchange(url: url)
        exchange.method = "HEAD"
        exchange.total = patience
        // An odd one is not on this machine.
        let address = try? DaemonAddress(url.prefix { $0 != "?" && $0 != "#" }.description)
        exchange.isDirect = address?.isLoopback ?? false
        return try exchange.perform { _, _ in true }["date"].flatMap { Timestamp(httpDate: $0) }
    }
}

extension Timestamp {
    /// `Sun, 06 Nov 1994 08:49:37 GMT`, as HTTP has it (RFC 9110); nil for anything else.
    package init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let number = month + 1
        self.init(rfc3339: "\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
    }
}
