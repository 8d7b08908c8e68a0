/// What makes a request that is sent twice start one run.
package struct IdempotencyKey: Sendable, Equatable {
    package var principal: String
    /// The method and path.
    package var route: String
    /// As the client chose it.
    package var key: String
    /// Of the body, so that a key that is used for something else is noticed.
    package var bodyDigest: String

    package init(principal: String, route: String, key: String, bodyDigest: String) {
        self.principal = principal
        self.route = route
        self.key = key
        self.bodyDigest = bodyDigest
    }

    package enum Claim: Sendable, Equatable {
        /// The key is new and now stands for the run.
        case granted
        /// It was used for the same request, which led to this run.
        case taken(RunID)
        /// It was used with another body.
        case reused
    }
}
