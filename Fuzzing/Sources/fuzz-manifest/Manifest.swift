import Core
public import Driver
@testable import PluginHost

/// A manifest, and behind the first NUL settings for it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let parts = UnsafeBufferPointer(start: start, count: count)
        .split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    let manifest = String(decoding: parts[0], as: UTF8.self)
    do throws(RunFailure) {
        let description = try PluginDescription(
            file: "plugin.so", sha256: "", abiVersion: 0x10000, symbols: 0xFF, manifest: manifest)
        let text = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "{}"
        validate(text, description.schema)
    } catch {}  // refused, as it should be
    return 0
}

private func validate(_ text: String, _ schema: SettingsSchema) {
    guard let settings = try? JSONValue(parsing: text) else { return }  // no JSON: no settings
    do throws(SettingsProblems) {
        let checked = try schema.validate(settings, fromVariables: [[.key("count")]], pathsRelativeTo: "/nowhere")
        _ = checked.settings.text
        _ = try schema.validateRunOptions(settings, over: checked)
    } catch {
        for problem in error.problems { _ = problem.message }
    }
}

@_cdecl("fuzz_manifest_main")
public func main(_ count: CInt, _ arguments: Arguments) -> CInt { drive(count, arguments) { fuzz($0, $1) } }
