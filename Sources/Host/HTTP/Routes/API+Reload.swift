import Core
import Hummingbird

/// What a new configuration changed.
package struct ReloadReport: Sendable {
    /// Names of integrations that were added, changed or removed.
    package var applied: [String]
    /// Names of integrations that are as they were.
    package var unchanged: [String]
    /// Other parts of the file that changed: `auth`, `plugins`, `runs`.
    package var sections: [String]

    package init(applied: [String], unchanged: [String], sections: [String]) {
        self.applied = applied
        self.unchanged = unchanged
        self.sections = sections
    }
}

/// Why a configuration was not taken; everything goes on as it was.
package struct ReloadRefusal: Error {
    /// Each in a line, with its place in the file where it has one.
    package var errors: [String]

    package init(errors: [String]) { self.errors = errors }
}

package typealias Reload = @Sendable () async throws(ReloadRefusal) -> ReloadReport

extension API {
    var reloadRoutes: [Route] { [Route(.post, "/reload", .admin, reloadConfiguration)] }

    @Sendable private func reloadConfiguration(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        do throws(ReloadRefusal) {
            let report = try await reload()
            return .json([
                "applied": .array(report.applied.map(JSONValue.string)),
                "unchanged": .array(report.unchanged.map(JSONValue.string)),
                "sections": .array(report.sections.map(JSONValue.string)),
            ])
        } catch {
            throw Problem(
                .configurationInvalid, "The configuration was not taken; everything goes on as it was.",
                extra: [.init("errors", .array(error.errors.map(JSONValue.string)))])
        }
    }
}
