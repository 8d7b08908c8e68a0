/// Something that a person should read in a run's report.
package struct ReportedDocument: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// The document could not be imported; what is stored of it stays.
        case failed
        /// The document was left out on purpose.
        case skipped
        /// Not about one document.
        case note
    }

    package var kind: Kind
    package var collection: String?
    package var externalID: String?
    package var code: String
    package var message: String
    /// The document that the store keeps from being taken for deleted.  `externalID` is what people
    /// see, and does not hold a secret that stands in the id.
    package var document: DocumentKey?

    package init(kind: Kind, collection: String?, externalID: String?, code: String, message: String) {
        self.kind = kind
        self.collection = collection
        self.externalID = externalID
        self.code = code
        self.message = message
        if let collection, let externalID {
            document = DocumentKey(collection: collection, externalID: externalID)
        }
    }
}
