import Core
import HTTPTypes
import Hummingbird

extension APIContext {
    /// Whose things a request is about: what its headers say, else the integration's own tenant,
    /// else the token's only one, else `default`.
    func tenant(_ request: Request, integration: Integration? = nil) throws(Problem) -> Tenant {
        let tenant = Tenant(
            organization: try name(
                .organization, in: request, own: integration?.tenant?.organization,
                token: principal.organizations),
            project: try name(
                .project, in: request, own: integration?.tenant?.project,
                token: principal.projects))
        guard principal.may(use: tenant) else {
            throw Problem(.forbiddenTenant, "The token \"\(principal.name)\" is not for \(tenant).")
        }
        return tenant
    }

    private func name(
        _ header: HTTPField.Name, in request: Request, own: String?, token: [String]?
    ) throws(Problem) -> String {
        if let name = request.headers[header] {
            guard Tenant.isValidName(name) else {
                throw Problem(.badRequest, "\(header.rawName) must be 1 to 128 of A-Z a-z 0-9 . _ -")
            }
            return name
        }
        if let own { return own }
        if let token, let only = token.first, token.count == 1 { return only }
        return "default"
    }
}
