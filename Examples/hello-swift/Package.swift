// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "hello-swift",
    products: [.library(name: "HelloSwift", type: .dynamic, targets: ["HelloSwift"])],
    targets: [
        .target(name: "PluginABI"),
        .target(
            name: "PluginKit", dependencies: ["PluginABI"],
            swiftSettings: [.enableUpcomingFeature("InternalImportsByDefault")]),
        .target(
            name: "HelloSwift", dependencies: ["PluginABI", "PluginKit"],
            linkerSettings: [
                // The runtime goes into the file, and only the contract's functions come out of it.
                .unsafeFlags([
                    "-static-stdlib", "-use-ld=lld", "-Xlinker",
                    "--version-script=\(Context.packageDirectory)/exports.map",
                ])
            ]),
    ]
)
