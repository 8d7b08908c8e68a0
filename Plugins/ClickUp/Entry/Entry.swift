// swift-format-ignore-file: AlwaysUseLowerCamelCase

import ClickUp
public import PluginABI
import PluginKit

// The functions that the contract exports, checked against its header. Nothing else is here:
// what they do is in ClickUp and PluginKit, which tests can link.

@c @implementation
public func integration_abi_version() -> UInt32 {
    UInt32(INTEGRATION_ABI_MAJOR << 16 | INTEGRATION_ABI_MINOR)
}

@c @implementation
public func integration_manifest() -> UnsafePointer<CChar> { manifest(of: ClickUpPlugin.self) }

@c @implementation
public func integration_import_v1(_ call: UnsafePointer<integration_call>) -> integration_status {
    runImport(ClickUpPlugin.self, call, nil, nil)
}

@c @implementation
public func integration_import_progress_v1(
    _ call: UnsafePointer<integration_call>, _ progress: @escaping integration_progress_fn,
    _ progress_context: UnsafeMutableRawPointer?
) -> integration_status {
    runImport(ClickUpPlugin.self, call, progress, progress_context)
}

@c @implementation
public func integration_test_v1(_ call: UnsafePointer<integration_call>) -> integration_status {
    runTest(ClickUpPlugin.self, call)
}

@c @implementation
public func integration_structure_v1(_ call: UnsafePointer<integration_call>) -> integration_status {
    runStructure(ClickUpPlugin.self, call)
}

@c @implementation
public func integration_webhook_v1(
    _ call: UnsafePointer<integration_call>, _ request: UnsafePointer<integration_webhook_request>
) -> integration_status {
    runWebhook(ClickUpPlugin.self, call, request)
}
