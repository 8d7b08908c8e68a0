/// What the routes need to know of plugins.
package protocol PluginCatalog: Sendable {
    /// What the plugin of an integration says of itself, or why it cannot be asked.
    func summary(of integration: String) async -> Result<PluginSummary, RunFailure>
    /// Whether one run may have these options; a failure says what is wrong with them.
    func check(_ options: RunOptions, of integration: String) async throws(RunFailure)
}

/// A plugin's own account of itself.
package struct PluginSummary: Sendable {
    package var id: String
    package var version: String
    package var abi: String
    package var sha256: String
    package var reportsProgress: Bool
    package var canTest: Bool
    package var hasStructure: Bool
    package var takesWebhooks: Bool
    /// JSON Schema, as the plugin wrote it.
    package var settingsSchema: JSONValue
    /// Names of the kinds of documents that it emits.
    package var collections: [String]
    /// What its worker takes from itself, and may use.
    package var containment: Containment
    package var limits: WorkerLimits
    package var isolation: Isolation

    package init(
        id: String, version: String, abi: String, sha256: String, reportsProgress: Bool,
        canTest: Bool, hasStructure: Bool, takesWebhooks: Bool, settingsSchema: JSONValue,
        collections: [String], containment: Containment, limits: WorkerLimits, isolation: Isolation
    ) {
        self.id = id
        self.version = version
        self.abi = abi
        self.sha256 = sha256
        self.reportsProgress = reportsProgress
        self.canTest = canTest
        self.hasStructure = hasStructure
        self.takesWebhooks = takesWebhooks
        self.settingsSchema = settingsSchema
        self.collections = collections
        self.containment = containment
        self.limits = limits
        self.isolation = isolation
    }
}
