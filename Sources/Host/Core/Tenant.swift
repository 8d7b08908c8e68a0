/// Whose run or document something is: an organization and one of its projects.
package struct Tenant: Hashable, Sendable, CustomStringConvertible {
    package var organization: String
    package var project: String

    package static let `default` = Tenant(organization: "default", project: "default")

    package init(organization: String, project: String) {
        self.organization = organization
        self.project = project
    }

    package var description: String { "\(organization)/\(project)" }

    /// Whether a name may stand in `X-Org-ID` or `X-Project-ID`: 1 to 128 of `[A-Za-z0-9._-]`.
    package static func isValidName(_ name: some StringProtocol) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
