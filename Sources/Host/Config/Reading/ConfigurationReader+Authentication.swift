import Core

extension ConfigurationReader {
    private static let scopes = ["integrations:read", "integrations:write", "integrations:admin"]

    func authentication(_ section: Section) -> Configuration.Authentication? {
        defer { section.finish() }
        if !section.has("tokens") {
            report(
                section.location, "auth needs the key \"tokens\"",
                hint: "remove auth to serve this machine without authentication")
        }
        guard let nodes = section.nodes("tokens") else { return nil }
        var tokens: [Configuration.Authentication.Token] = []
        for (index, node) in nodes.enumerated() {
            guard let section = self.section(node, "auth.tokens[\(index)]", at: node.span.start),
                let token = token(section)
            else { continue }
            if tokens.contains(where: { $0.name == token.name }) {
                report(
                    section.locationOfValue("name"),
                    "\(section.path("name")) is the name of an earlier token")
            }
            if tokens.contains(where: { $0.credential == token.credential }) {
                report(section.location, "\(section.name) is the same token as an earlier one")
            }
            tokens.append(token)
        }
        return Configuration.Authentication(tokens: tokens)
    }

    private func token(_ section: Section) -> Configuration.Authentication.Token? {
        defer { section.finish() }
        let name = section.required("name", as: .portableName)
        let credential = credential(section)
        if !section.has("scopes") {
            report(
                section.location, "\(section.name) needs the key \"scopes\"",
                hint: "write `scopes: [integrations:read]`")
        }
        let scopes = section.list("scopes", of: .scope(Self.scopes))
        let organizations = section.list("organizations", of: .portableName)
        let projects = section.list("projects", of: .portableName)
        guard let name, let credential, let scopes else { return nil }
        return Configuration.Authentication.Token(
            name: name, credential: credential, scopes: Set(scopes), organizations: organizations,
            projects: projects)
    }

    private func credential(_ section: Section) -> Configuration.Authentication.Credential? {
        if section.has("token") == section.has("sha256") {
            report(
                section.location, "\(section.name) needs exactly one of \"token\" and \"sha256\"",
                hint: "write `token: ${NAME}`")
        }
        let secret = section.value("token", as: .bearerToken)
        let digest = section.value("sha256", as: .sha256)
        return secret.map { .secret($0) } ?? digest.map { .digest(bytes(ofHex: $0)) }
    }

    private func bytes(ofHex text: String) -> [UInt8] {
        let digits = text.utf8.map { $0 < UInt8(ascii: "a") ? $0 - 0x30 : $0 - 0x61 + 10 }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

extension ValueKind<String> {
    fileprivate static func scope(_ scopes: [String]) -> ValueKind {
        string.checked { scope throws(InvalidValue) in
            guard !scopes.contains(scope) else { return }
            throw InvalidValue(
                message: "is not a scope",
                hint: NearestName.hint(for: scope, among: scopes)
                    ?? "scopes: \(scopes.joined(separator: ", "))")
        }
    }
}
