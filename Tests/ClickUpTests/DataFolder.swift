import Glibc

/// A folder that goes with this object.
final class DataFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/clickup-tests-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw CannotBeMade() }
        path = String(cString: made)
    }

    struct CannotBeMade: Error {}

    deinit {
        guard let directory = opendir(path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(directory)
        rmdir(path)
    }
}
