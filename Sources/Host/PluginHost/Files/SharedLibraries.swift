import Glibc

/// Which shared objects a plugin needs that are not where the system keeps its own: a confined
/// worker must reach them.
///
/// Only files that are shared objects themselves count: what a plugin claims to need opens no
/// other file to it.
enum SharedLibraries {
    /// In all; a plugin that needs more of them finds the rest out of reach.
    private static let limit = 256
    /// Bytes of one that is looked into.
    private static let largest = 256 << 20

    /// Paths of what the dynamic linker finds by the search paths of a plugin and of what it needs.
    static func needed(by content: [UInt8]) -> [String] {
        guard let plugin = linking(of: content) else { return [] }
        var found: [String] = []
        var seen: Set<String> = []
        // The plugin is loaded as a copy, so `$ORIGIN` leads it nowhere.
        var queue = [(file: plugin, origin: nil as String?)]
        while let next = queue.popLast() {
            let folders = next.file.folders(origin: next.origin)
            for name in next.file.needed where found.count < limit && seen.insert(name).inserted {
                guard let (path, library) = find(name, in: folders) else { continue }
                found.append(path)
                queue.append((library, path.lastIndex(of: "/").map { String(path[..<$0]) }))
            }
        }
        return found
    }

    private static func find(_ name: String, in folders: [String]) -> (path: String, file: ELFFile)? {
        guard !name.contains("/"), !name.isEmpty else { return nil }
        for folder in folders {
            let path = folder + "/" + name
            if let content = read(path), let file = linking(of: content) { return (path, file) }
        }
        return nil
    }

    /// nil: it is no shared object of this machine.
    private static func linking(of content: [UInt8]) -> ELFFile? {
        do { return try ELFFile(linkingOf: content) } catch { return nil }
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largest else {
            return nil
        }
        var content = [UInt8](repeating: 0, count: Int(status.st_size))
        return Glibc.read(descriptor, &content, content.count) == content.count ? content : nil
    }

    /// Where else the dynamic linker looks: the folders of `/etc/ld.so.conf.d`.
    static func configuredFolders() -> [String] {
        var files = glob_t()
        defer { globfree(&files) }
        guard glob("/etc/ld.so.conf.d/*.conf", 0, nil, &files) == 0 else { return [] }
        return (0..<Int(files.gl_pathc)).flatMap { index -> [String] in
            guard let path = files.gl_pathv[index], let content = read(String(cString: path)) else { return [] }
            return String(decoding: content, as: UTF8.self)
                .split(whereSeparator: \.isNewline).filter { $0.hasPrefix("/") }.map(String.init)
        }
    }
}

extension ELFFile {
    /// Where the dynamic linker looks for what it needs, as absolute paths.
    fileprivate func folders(origin: String?) -> [String] {
        searchPath.compactMap { path in
            guard path.contains("$ORIGIN") || path.contains("${ORIGIN}") else { return path }
            return origin.map { path.replacing("${ORIGIN}", with: $0).replacing("$ORIGIN", with: $0) }
        }.filter { $0.hasPrefix("/") }
    }
}
