import Config
public import Driver

/// `integrations.yaml` and a file of settings.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(ConfigurationErrors) {
        _ = try Configuration.parse(
            bytes, file: "integrations.yaml", folder: "/nowhere", environment: ["TOKEN": "t0ken"],
            executableFolder: "/nowhere")
    } catch {
        _ = error.description
    }
    do throws(ConfigurationErrors) {
        _ = try SettingsFile.parse(bytes, file: "settings.yaml", folder: "/nowhere", environment: ["TOKEN": "t0ken"])
    } catch {
        _ = error.description
    }
    return 0
}

@_cdecl("fuzz_yaml_main")
public func main(_ count: CInt, _ arguments: Arguments) -> CInt { drive(count, arguments) { fuzz($0, $1) } }
