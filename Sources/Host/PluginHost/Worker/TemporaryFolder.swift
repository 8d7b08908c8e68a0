package import Core
import Foundation
import Worker

/// A private folder that is there as long as this object is.
package final class TemporaryFolder {
    package let path: String

    /// - Parameters:
    ///   - parent: is made if it is not there.
    ///   - prefix: what its name begins with.
    package init(in parent: String, prefix: String = "") throws(RunFailure) {
        mkdir(parent, 0o700)  // what is wrong with it shows below
        // mkdtemp puts a name of its own in place of the six letters.
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw RunFailure(
                .internal, "No temporary folder could be made in \(parent): \(String(cString: strerror(errno))).")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        system_remove_folder(path)
    }

    /// Removes what a process left that was killed.  Nobody else may be using the folder.
    static func removeAll(in parent: String) {
        system_remove_folder(parent)  // most often it is not there
    }
}
