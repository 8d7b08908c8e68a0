import Core

/// Who asks, and what that allows.
package struct Principal: Sendable {
    package var name: String
    package var scopes: Set<Scope>
    /// nil: all.
    package var organizations: [String]?
    package var projects: [String]?

    package init(name: String, scopes: Set<Scope>, organizations: [String]?, projects: [String]?) {
        self.name = name
        self.scopes = scopes
        self.organizations = organizations
        self.projects = projects
    }

    /// Everyone, where the configuration has no tokens.
    package static let anonymous = Principal(
        name: "anonymous", scopes: Set(Scope.allCases), organizations: nil, projects: nil)

    package enum Scope: String, Sendable, CaseIterable {
        case read = "integrations:read"
        case write = "integrations:write"
        case admin = "integrations:admin"
    }

    func require(_ scope: Scope) throws(Problem) {
        guard !scopes.contains(scope) else { return }
        throw Problem(.forbidden, "The token \"\(name)\" lacks the scope \(scope.rawValue).")
    }

    func may(use tenant: Tenant) -> Bool {
        organizations?.contains(tenant.organization) != false
            && projects?.contains(tenant.project) != false
    }
}
