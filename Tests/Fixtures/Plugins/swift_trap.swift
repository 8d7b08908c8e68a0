// Traps: an index that is not there.
@_cdecl("integration_abi_version")
public func version() -> UInt32 { 1 << 16 }

private let manifest = """
    {"id":"com.example.fixture.swift-trap","name":"Fixture","version":"1.0.0","collections":[{"name":"items"}]}
    """
@_cdecl("integration_manifest")
public func describe() -> UnsafePointer<CChar>? {
    manifest.withCString { text in strdup(text).map { UnsafePointer($0) } }
}

@_silgen_name("strdup")
private func strdup(_ text: UnsafePointer<CChar>) -> UnsafeMutablePointer<CChar>?

@_cdecl("integration_import_v1")
public func importAll(_ call: UnsafeRawPointer) -> Int32 {
    let numbers = Array(0..<Int(call.load(as: UInt32.self) % 1))
    return Int32(numbers[3])
}
