// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import PluginABI
import PluginKit

@c @implementation
public func integration_abi_version() -> UInt32 {
    UInt32(INTEGRATION_ABI_MAJOR << 16 | INTEGRATION_ABI_MINOR)
}

@c @implementation
public func integration_manifest() -> UnsafePointer<CChar> { manifest(of: OutsidePlugin.self) }

@c @implementation
public func integration_import_v1(_ call: UnsafePointer<integration_call>) -> integration_status {
    runImport(OutsidePlugin.self, call, nil, nil)
}

@c @implementation
public func integration_import_progress_v1(
    _ call: UnsafePointer<integration_call>, _ progress: @escaping integration_progress_fn,
    _ progress_context: UnsafeMutableRawPointer?
) -> integration_status {
    runImport(OutsidePlugin.self, call, progress, progress_context)
}
