// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is compiled with the same rules.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let cRules: [CSetting] = [.define("_GNU_SOURCE"), .unsafeFlags(["-Wall", "-Wextra"])]

/// The worker is C: the only Swift runtime in its process is the one that a plugin brings.
let noSwiftRuntime: [LinkerSetting] = [
    .unsafeFlags(["-static-stdlib", "-nostartfiles", "-Xlinker", "--as-needed"])
]

/// Relative relocations are packed: a megabyte less of the daemon's file is in memory.
let smallDaemon: [LinkerSetting] = [
    .unsafeFlags(["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"])
]

/// A plugin shows the dynamic linker the contract's functions and nothing else.
let pluginExports: [LinkerSetting] = [
    // lld, since gold leaves local symbols in the dynamic table.
    .unsafeFlags([
        "-use-ld=lld", "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/PluginABI/exports.map",
    ])
]

let package = Package(
    name: "integrationd",
    products: [
        .executable(name: "integrationd", targets: ["integrationd"]),
        .executable(name: "integrationd-worker", targets: ["integrationd-worker"]),
        .executable(name: "integrationd-probe", targets: ["integrationd-probe"]),
        .executable(name: "clickup-webhooks", targets: ["clickup-webhooks"]),
        .executable(name: "clickup-simulator", targets: ["clickup-simulator"]),
        .library(name: "PluginKit", targets: ["PluginKit"]),
        .library(name: "PluginKitCodable", targets: ["PluginKitCodable"]),
        .library(name: "ClickUp", type: .dynamic, targets: ["ClickUpEntry"]),
        .library(name: "Folder", type: .dynamic, targets: ["FolderEntry"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The contract, and the face of it that plugin authors see.
        .target(name: "PluginABI", exclude: ["exports.map", "layout-1.0.txt"]),
        .target(name: "PluginKit", dependencies: ["PluginABI"], swiftSettings: strict),
        .target(name: "PluginKitCodable", dependencies: ["PluginKit"], swiftSettings: strict),

        // System libraries: a module map and a shim each.
        .systemLibrary(
            name: "CYAML", path: "Sources/System/CYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CCurl", path: "Sources/System/CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),

        // The daemon, from the inside out.
        .target(name: "Core", path: "Sources/Host/Core", swiftSettings: strict),
        .target(
            name: "Config", dependencies: ["Core", "CYAML"], path: "Sources/Host/Config",
            swiftSettings: strict),
        .target(
            name: "Store",
            dependencies: [
                "Core",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Sources/Host/Store", swiftSettings: strict),
        .target(
            name: "Worker", dependencies: ["PluginABI"], path: "Sources/Host/Worker",
            cSettings: cRules),
        .target(
            name: "Dashboard", path: "Sources/Host/Dashboard", exclude: ["assets"], cSettings: cRules),
        .target(
            name: "PluginHost",
            dependencies: [
                "Core", "Worker", "PluginABI",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Host/PluginHost", swiftSettings: strict),
        .target(
            name: "Templates", path: "Sources/Host/Templates", exclude: ["assets"], cSettings: cRules),
        .target(
            name: "Probe", dependencies: ["PluginABI", "Worker"], path: "Sources/Host/Probe",
            cSettings: cRules + [.headerSearchPath("../Worker")]),
        .target(
            name: "PluginCheck", dependencies: ["Core", "Engine", "PluginABI", "PluginHost", "Probe", "Worker"],
            path: "Sources/Host/PluginCheck", swiftSettings: strict),
        .target(
            name: "Engine",
            dependencies: ["Core", .product(name: "Logging", package: "swift-log")],
            path: "Sources/Host/Engine", swiftSettings: strict),
        .target(
            name: "HTTP",
            dependencies: [
                "Core", "Dashboard", "Engine",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Host/HTTP", swiftSettings: strict),
        // The commands' side of the HTTP API, and what they show.
        .target(name: "Transfer", path: "Sources/Host/Transfer", cSettings: cRules),
        .target(
            name: "Client", dependencies: ["Core", "Transfer"], path: "Sources/Host/Client",
            swiftSettings: strict),
        .target(name: "Terminal", dependencies: ["Core"], path: "Sources/Host/Terminal", swiftSettings: strict),
        .executableTarget(
            name: "integrationd",
            dependencies: [
                "Client", "Config", "Core", "Engine", "HTTP", "PluginCheck", "PluginHost", "Store", "Templates",
                "Terminal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Host/integrationd", swiftSettings: strict, linkerSettings: smallDaemon),
        .executableTarget(
            name: "integrationd-worker", dependencies: ["Worker"], path: "Sources/Host/WorkerMain",
            cSettings: cRules, linkerSettings: noSwiftRuntime),
        .executableTarget(
            name: "integrationd-probe", dependencies: ["Probe"], path: "Sources/Host/ProbeMain",
            cSettings: cRules, linkerSettings: noSwiftRuntime),

        // Plugins.
        .target(
            name: "ClickUp", dependencies: ["PluginKit", "CCurl"], path: "Plugins/ClickUp/Sources",
            swiftSettings: strict),
        .target(
            name: "ClickUpEntry", dependencies: ["ClickUp", "PluginABI", "PluginKit"],
            path: "Plugins/ClickUp/Entry", swiftSettings: strict, linkerSettings: pluginExports),
        .executableTarget(
            name: "clickup-webhooks",
            dependencies: ["ClickUp", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Plugins/ClickUp/Webhooks", swiftSettings: strict),
        .executableTarget(
            name: "clickup-simulator",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Plugins/ClickUp/Simulator", exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "FolderEntry", dependencies: ["PluginABI"], path: "Plugins/Folder",
            exclude: ["README.md"], publicHeadersPath: ".", cSettings: cRules,
            linkerSettings: pluginExports + noSwiftRuntime),

        // Tests: one target for each target, and those that start the real programs.
        .testTarget(name: "CoreTests", dependencies: ["Core"], swiftSettings: strict),
        .testTarget(
            name: "ConfigTests", dependencies: ["Config", "Core"],
            resources: [.copy("Golden")], swiftSettings: strict),
        .testTarget(
            name: "PluginHostTests", dependencies: ["Core", "PluginHost", "Worker"],
            swiftSettings: strict),
        .testTarget(
            name: "StoreTests", dependencies: ["Core", "Store", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .testTarget(
            name: "EngineTests", dependencies: ["Core", "Engine", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .testTarget(
            name: "HTTPTests",
            dependencies: ["Core", "Engine", "HTTP", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict),
        .testTarget(name: "ClientTests", dependencies: ["Client", "Core"], swiftSettings: strict),
        .testTarget(name: "TerminalTests", dependencies: ["Core", "Screen", "Terminal"], swiftSettings: strict),
        .testTarget(
            name: "PluginKitTests", dependencies: ["PluginABI", "PluginKit", "PluginKitCodable"],
            swiftSettings: strict),
        .testTarget(
            name: "ClickUpTests", dependencies: ["ClickUp", "PluginKit"], swiftSettings: strict),
        // A terminal for tests to look at.
        .target(name: "Screen", path: "Tests/Screen", swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests", dependencies: ["Screen"], exclude: ["README.md", "Fixtures"],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6],
    // For `#embed`; the contract, the worker and the C plugin stay C11, which `make check` holds them to.
    cLanguageStandard: .c2x
)
