/// An integration written in Swift. A plugin's shared object exports the contract's C functions,
/// each one line long, and hands them to `manifest(of:)` and `runImport(_:_:_:_:)`. What else it
/// can do it says by `ConnectionTesting`, `StructureListing` and `WebhookReceiving`, and by
/// exporting the entry that belongs to each.
public protocol Plugin: Sendable {
    /// The manifest of the contract, as JSON text.
    static var manifest: StaticString { get }

    init()

    /// Reads the source and hands its documents to `call`. Returning means success; a thrown
    /// `PluginError` says how it failed; when the host cancels, the task is cancelled, and a
    /// `CancellationError` is the way to end.
    func `import`(_ call: ImportCall) async throws
}
