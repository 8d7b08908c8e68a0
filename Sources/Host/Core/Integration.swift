/// A named entry in `integrations.yaml`, as far as runs and routes have to know it.
package struct Integration: Sendable {
    package var name: String
    package var displayName: String
    package var isEnabled: Bool
    /// The file name of its plugin.
    package var plugin: String
    /// The tenant it belongs to alone; nil for any tenant's.
    package var tenant: Tenant?
    /// How long one run may take.
    package var timeout: Duration?
    /// Its runs may delete more than a part of a collection without being asked to.
    package var allowsMassDelete: Bool
    /// When it is imported without being asked.
    package var timetable: Timetable?

    package init(
        name: String, displayName: String, isEnabled: Bool, plugin: String, tenant: Tenant?,
        timeout: Duration?, allowsMassDelete: Bool = false, timetable: Timetable? = nil
    ) {
        self.name = name
        self.displayName = displayName
        self.isEnabled = isEnabled
        self.plugin = plugin
        self.tenant = tenant
        self.timeout = timeout
        self.allowsMassDelete = allowsMassDelete
        self.timetable = timetable
    }
}
