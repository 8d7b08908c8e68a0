package import Core
import FoundationEssentials

/// The settings of one plugin in a file of their own, for trying it: what stands below `settings:`
/// in `integrations.yaml`, with the same variables.  JSON is YAML too.
package struct SettingsFile: Sendable {
    /// An object.  May hold secrets.
    package let settings: JSONValue
    /// Which of them came from variables or files.
    package let fromVariables: Set<[JSONPathElement]>
    /// The absolute path of the folder in which relative paths begin.
    package let folder: String

    /// No settings at all.
    package init(folder: String) {
        settings = [:]
        fromVariables = []
        self.folder = folder
    }

    private init(settings: JSONValue, fromVariables: Set<[JSONPathElement]>, folder: String) {
        self.settings = settings
        self.fromVariables = fromVariables
        self.folder = folder
    }

    /// Reads a file; finds all that is wrong with it.
    package static func load(
        path: String, environment: [String: String]
    ) throws(ConfigurationErrors) -> SettingsFile {
        let bytes: [UInt8]
        do throws(FileReadingError) {
            bytes = try readFile(path, limit: Configuration.maximumFileSize, onlyRegular: false)
        } catch {
            throw .wholeFile(path, "cannot read the file: \(error.reason)")
        }
        let full = absolute(path, in: FileManager.default.currentDirectoryPath)
        let folder = full.lastIndex(of: "/").map { String(full[..<$0]) } ?? "/"
        return try parse(bytes, file: path, folder: folder, environment: environment)
    }

    package static func parse(
        _ bytes: [UInt8], file: String, folder: String, environment: [String: String]
    ) throws(ConfigurationErrors) -> SettingsFile {
        let source = SourceText(file: file, bytes: bytes)
        let tree = try Configuration.tree(bytes, source)
        let reader = ConfigurationReader(
            source: source, tree: tree, environment: environment, folder: folder, executableFolder: folder)
        var fromVariables: Set<[JSONPathElement]> = []
        if tree.root.entries == nil {
            reader.report(tree.root.span.start, "settings must be a mapping, not \(tree.root.kind)")
        }
        let settings = reader.setting(tree.root, at: [], &fromVariables)
        guard reader.problems.isEmpty else { throw source.errors(reader.problems, hiding: reader.hidden) }
        return SettingsFile(settings: settings, fromVariables: fromVariables, folder: folder)
    }
}
