// swift-tools-version: 6.2
import Foundation
import PackageDescription

// A package that is not part of this one and takes PluginKit from it, as a plugin's own would.
let integrationd = ProcessInfo.processInfo.environment["INTEGRATIOND"] ?? "../../.."

let package = Package(
    name: "outside",
    products: [.library(name: "Outside", type: .dynamic, targets: ["Outside"])],
    dependencies: [.package(name: "integrationd", path: integrationd)],
    targets: [
        .target(
            name: "Outside",
            dependencies: [
                .product(name: "PluginKit", package: "integrationd"),
                .product(name: "PluginKitCodable", package: "integrationd"),
            ],
            linkerSettings: [
                .unsafeFlags([
                    "-use-ld=lld", "-Xlinker", "--version-script=\(integrationd)/Sources/PluginABI/exports.map",
                ])
            ])
    ]
)
