// swift-tools-version: 6.2
import PackageDescription

// The readers of what others wrote, instrumented, and a program per reader.  Their sources are links
// into the package above; what they need of other packages has a stand-in, so nothing is fetched.

let instrumented: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library", "-enable-testing", "-O"]),
]

let instrumentedC: [CSetting] = [
    .define("_GNU_SOURCE"),
    .unsafeFlags(["-fsanitize=fuzzer-no-link,address", "-O1", "-fno-omit-frame-pointer"]),
]

let fuzzer: [LinkerSetting] = [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]

func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "fuzz-\(name)", dependencies: dependencies + ["Driver"], swiftSettings: instrumented, linkerSettings: fuzzer)
}

let package = Package(
    name: "fuzzing",
    targets: [
        .target(name: "Driver", swiftSettings: instrumented),
        .target(name: "Crypto", swiftSettings: instrumented),
        .target(name: "PluginABI", exclude: ["exports.map", "layout-1.0.txt"]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
        .target(name: "Core", swiftSettings: instrumented),
        .target(name: "Config", dependencies: ["Core", "CYAML"], swiftSettings: instrumented),
        .target(name: "Worker", dependencies: ["PluginABI"], cSettings: instrumentedC),
        .target(
            name: "PluginHost", dependencies: ["Core", "Crypto", "PluginABI", "Worker"], swiftSettings: instrumented),
        fuzz("frames", ["Core", "PluginHost", "Worker"]),
        fuzz("yaml", ["Config", "Core"]),
        fuzz("manifest", ["Core", "PluginHost"]),
        fuzz("elf", ["PluginHost"]),
        .executableTarget(
            name: "fuzz-start", dependencies: ["PluginABI", "Worker"],
            cSettings: instrumentedC + [.headerSearchPath("../Worker")], linkerSettings: fuzzer),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c2x
)
