import ArgumentParser
import Foundation
import Templates

/// `integrationd plugin new NAME --language LANGUAGE`
struct PluginNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make the folder of a new plugin, which builds and imports as it is.",
        discussion: """
            The folder carries all it needs, the contract's header above all; its README.md says how it is built.
            """)

    @Argument(help: "The integration's name, and that of the folder: small letters, digits and -.") var name: String
    @Option(help: "c, cpp, go, rust, swift or zig.") var language: Language
    @Option(help: "Where the folder is made.") var into = "."

    enum Language: String, CaseIterable, ExpressibleByArgument {
        case c, cpp, go, rust, swift, zig
    }

    func run() throws {
        let names = try PluginNames(name)
        let folder = into + "/" + name
        guard !FileManager.default.fileExists(atPath: folder) else {
            StandardError.write("error: \(folder) is there already")
            throw ExitCode.configuration
        }
        let files = Template.files(of: language.rawValue)
        do {
            for file in files { try write(file, names, into: folder) }
        } catch {
            StandardError.write("error: \(folder) cannot be written: \(error.localizedDescription)")
            throw ExitCode.environment
        }
        let readme = files.first { $0.path == "README.md" }.map { names.fill(in: $0.text) } ?? ""
        let first =
            Self.othersMayWrite ? "    umask 022         # what others can write, the daemon does not run\n" : ""
        try StandardOutput.write("\(folder) is made.  Next:\n\n\(first)    cd \(folder)\n\(Self.commands(of: readme))")
    }

    /// Whether the files that a build makes can be written by others.
    private static var othersMayWrite: Bool {
        let mask = umask(0o022)
        umask(mask)
        return mask & 0o022 != 0o022
    }

    private func write(_ file: Template, _ names: PluginNames, into folder: String) throws {
        let url = URL(filePath: folder + "/" + names.fill(in: file.path))
        // Others must not be able to write where plugins are built: the daemon would refuse them.
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        try Data(names.fill(in: file.text).utf8).write(to: url)
    }

    /// The shell lines of a README's first block.
    private static func commands(of readme: String) -> String {
        readme.components(separatedBy: "```sh\n").dropFirst().first?.components(separatedBy: "```").first?
            .split(separator: "\n").map { "    \($0)\n" }.joined() ?? ""
    }
}

/// One file of a skeleton.
private struct Template {
    var path: String
    /// With its placeholders.
    var text: String

    static func files(of language: String) -> [Template] {
        (0..<template_count()).compactMap { number in
            guard let file = template_at(number)?.pointee, String(cString: file.language) == language else {
                return nil
            }
            let bytes = UnsafeBufferPointer(start: file.bytes, count: file.size)
            return Template(path: String(cString: file.path), text: String(decoding: bytes, as: UTF8.self))
        }
    }
}

/// What a plugin is called in its parts.
private struct PluginNames {
    private let replacements: [(placeholder: String, name: String)]

    /// Modules that a plugin's own would hide.
    private static let taken: Set = ["Foundation", "Glibc", "PluginABI", "PluginKit", "Swift"]

    /// Ends the program for a name that cannot be one.
    init(_ name: String) throws {
        let words = name.split(separator: "-", omittingEmptySubsequences: false)
        let module = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        guard name.wholeMatch(of: #/[a-z][a-z0-9]*(-[a-z0-9]+)*/#) != nil, name.utf8.count <= 63,
            !Self.taken.contains(module)
        else {
            StandardError.write(
                "error: \"\(name)\" cannot be the name of a plugin: 1 to 63 small letters, digits and single -, "
                    + "a letter first, and no name of a module that it needs")
            throw ExitCode.configuration
        }
        let title = words.joined(separator: " ")
        replacements = [
            ("__NAME__", name), ("__MODULE__", module), ("__IDENTIFIER__", words.joined(separator: "_")),
            ("__TITLE__", title.prefix(1).uppercased() + title.dropFirst()),
        ]
    }

    func fill(in text: String) -> String {
        guard text.contains("__") else { return text }
        return replacements.reduce(text) { $0.replacing($1.placeholder, with: $1.name) }
    }
}
