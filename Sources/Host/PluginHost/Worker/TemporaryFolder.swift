import Core
import Foundation

/// A private folder that is there as long as this object is.
final class TemporaryFolder {
    let path: String

    init() throws(RunFailure) {
        let parent = URL(fileURLWithPath: NSTemporaryDirectory()).path
        var template = Array("\(parent)/integrationd-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw RunFailure(
                .internal, "No temporary folder could be made in \(parent): \(String(cString: strerror(errno))).")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        // A plugin may have made it unremovable; the system's own cleaning gets it then.
        try? FileManager.default.removeItem(atPath: path)
    }
}
