/// What one request of a source asks to be imported.
package struct WebhookImport: Sendable {
    /// Its place among all, given by the store.
    package var number: Int64 = 0
    package var integration: String
    package var tenant: Tenant
    /// What the source calls the changes; empty where it has no names for them.
    package var ids: [String]
    /// Run options of the plugin's schema, an object; nil: there is nothing to import.
    package var settings: JSONValue?

    package init(integration: String, tenant: Tenant, ids: [String], settings: JSONValue?) {
        self.integration = integration
        self.tenant = tenant
        self.ids = ids
        self.settings = settings
    }
}
