/// What `/metrics` says, by name and labels.
struct Metrics {
    let contentType: String?
    private let values: [String: Double]

    init(of daemon: DaemonProcess) async throws {
        let response = try await daemon.http.get("/metrics")
        contentType = response.head["content-type"]
        values = Dictionary(
            uniqueKeysWithValues: response.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
                let parts = line.split(separator: " ")
                return (String(parts[0]), Double(parts[1]) ?? .nan)
            })
    }

    subscript(name: String) -> Double? { values[name] }
}
