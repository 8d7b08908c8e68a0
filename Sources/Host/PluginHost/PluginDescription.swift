package import Core
import PluginABI
import Worker

/// What a plugin says of itself: its manifest and which entries it has.
package struct PluginDescription: Sendable {
    package var id: String
    package var name: String
    package var version: String
    /// `1.0`: the ABI that it was compiled against.
    package var abi: String
    package var sha256: String
    package var capabilities: Capabilities
    package var collections: [String]
    /// As the plugin wrote it.
    package var schemaJSON: JSONValue
    package var schema: SettingsSchema
    /// What the worker took from itself that asked the plugin.
    package var containment = Containment()

    package struct Capabilities: Sendable, Equatable {
        package var progress: Bool
        package var test: Bool
        package var structure: Bool
        package var webhook: Bool
    }

    /// Judges what a plugin answered; `file` names it in the errors.
    init(
        file: String, sha256: String, abiVersion: UInt32, symbols: UInt32, manifest: String
    ) throws(RunFailure) {
        func has(_ symbol: frame_symbol) -> Bool { symbols & symbol.rawValue != 0 }
        func unusable(_ reason: String) -> RunFailure {
            RunFailure(.pluginUnavailable, "\(file) is not a usable plugin: \(reason).")
        }
        guard has(FRAME_SYMBOL_ABI_VERSION) else {
            throw unusable("it does not export integration_abi_version")
        }
        try ABIVersion.check(file: file, needs: ABIVersion(abiVersion))
        guard has(FRAME_SYMBOL_MANIFEST) else {
            throw unusable("it does not export integration_manifest")
        }
        guard has(FRAME_SYMBOL_IMPORT_PROGRESS) || has(FRAME_SYMBOL_IMPORT) else {
            throw unusable("it exports neither integration_import_progress_v1 nor integration_import_v1")
        }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: manifest)
        } catch {
            throw unusable("its manifest is not JSON: \(error.description)")
        }
        guard let id = json["id"]?.stringValue, !id.isEmpty, let name = json["name"]?.stringValue,
            let version = json["version"]?.stringValue
        else { throw unusable("its manifest lacks \"id\", \"name\" or \"version\"") }
        if let minimum = json["min_abi"]?.stringValue {
            guard let needed = ABIVersion(text: minimum) else {
                throw unusable("its manifest's \"min_abi\" is not like \"1.0\"")
            }
            try ABIVersion.check(file: file, needs: needed, isMinimum: true)
        }
        schemaJSON = json["settings_schema"] ?? ["type": "object"]
        do {
            schema = try json["settings_schema"].map(SettingsSchema.init(parsing:)) ?? .anything
        } catch {
            throw unusable("its settings_schema is not one that this daemon understands: \(error)")
        }
        self.id = id
        self.name = name
        self.version = version
        self.sha256 = sha256
        abi = ABIVersion(abiVersion).text
        capabilities = Capabilities(
            progress: has(FRAME_SYMBOL_IMPORT_PROGRESS), test: has(FRAME_SYMBOL_TEST),
            structure: has(FRAME_SYMBOL_STRUCTURE), webhook: has(FRAME_SYMBOL_WEBHOOK))
        collections = json["collections"]?.elements?.compactMap { $0["name"]?.stringValue } ?? []
    }
}

/// MAJOR.MINOR of the plugin ABI.
struct ABIVersion: Equatable {
    var major: UInt32
    var minor: UInt32

    static let host = ABIVersion(
        UInt32(INTEGRATION_ABI_MAJOR) << 16 | UInt32(INTEGRATION_ABI_MINOR))

    init(_ version: UInt32) {
        major = version >> 16
        minor = version & 0xFFFF
    }

    init?(text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = UInt32(parts[0]), let minor = UInt32(parts[1]) else {
            return nil
        }
        self.major = major
        self.minor = minor
    }

    var text: String { "\(major).\(minor)" }

    /// A plugin of the same major runs, whatever minor it was compiled against, unless its
    /// manifest says that it needs more.
    static func check(file: String, needs: ABIVersion, isMinimum: Bool = false) throws(RunFailure) {
        if needs.major == host.major, !isMinimum || needs.minor <= host.minor { return }
        let pluginIsNewer = (needs.major, needs.minor) > (host.major, host.minor)
        throw RunFailure(
            .pluginIncompatible,
            "\(file) needs ABI \(needs.text), and this daemon has \(host.text).",
            hint: pluginIsNewer
                ? "Update integrationd to a version with ABI \(needs.text) or later."
                : "Build the plugin anew against the header of ABI \(host.text).")
    }
}
