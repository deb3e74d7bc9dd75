extension FHIRCleaner {
    /// What an object tells that must not leave, by the members it has; `nil` if it may.
    ///
    /// The datatypes of FHIR R4 that say who, where or by which number have members no other has.
    /// Whatever an element is called, in a resource nobody has thought of, they are recognised.
    static func partByShape(_ object: JSONElement) -> RemovedPart? {
        if isAddress(object) { return .address }
        if isName(object) || isSignature(object) { return .name }
        if isAttachment(object) { return .attachment }
        // An annotation with its author.
        if object["authorString"] != nil || object["authorReference"] != nil { return .note }
        return numberPart(object)
    }

    private static func isAddress(_ object: JSONElement) -> Bool {
        // `state` is a word of device metrics, too, and an address has more than that.
        object["line"]?.isArray == true || object["city"]?.string != nil
            || object["district"]?.string != nil || object["postalCode"]?.string != nil
            || object["country"]?.string != nil
    }

    private static func isName(_ object: JSONElement) -> Bool {
        object["family"]?.string != nil || object["given"]?.isArray == true
            || object["prefix"]?.isArray == true || object["suffix"]?.isArray == true
            // A concept has a text, too, but no use.
            || (object["text"]?.string != nil && object["use"]?.string != nil)
    }

    private static func isSignature(_ object: JSONElement) -> Bool {
        object["sigFormat"] != nil || object["targetFormat"] != nil
            || (object["who"] != nil && object["when"] != nil)
    }

    private static let attachmentNames: Set<String> = [
        "id", "extension", "contentType", "language", "data", "url", "size", "hash", "title",
        "creation",
    ]

    private static func isAttachment(_ object: JSONElement) -> Bool {
        if object["contentType"]?.string != nil || object["hash"]?.string != nil
            || object["creation"]?.string != nil
        {
            return true
        }
        // Sampled data are numbers in a text, from an origin.
        if object["data"]?.string != nil {
            return object["origin"] == nil && object["dimensions"] == nil
        }
        return object["url"]?.string != nil && hasOnly(attachmentNames, object)
    }

    private static let numberNames: Set<String> = [
        "id", "extension", "use", "type", "system", "value", "period", "assigner", "rank",
    ]
    private static let contactSystems: Set<String> = [
        "phone", "fax", "email", "pager", "url", "sms", "other",
    ]

    /// The part an identifier or a telephone number is; `nil` for other objects.
    ///
    /// The value of a quantity is a number and stands with a unit or code; a coding has no value.
    private static func numberPart(_ object: JSONElement) -> RemovedPart? {
        if object["assigner"] != nil { return .identifier }
        guard object["value"]?.string != nil, object["use"]?.isObject != true,
            hasOnly(numberNames, object)
        else { return nil }
        let isContact = object["system"]?.string.map(contactSystems.contains) ?? false
        return isContact || object["rank"] != nil ? .contact : .identifier
    }

    /// Whether an object has no other members than these, but for what is said of primitive ones.
    private static func hasOnly(_ names: Set<String>, _ object: JSONElement) -> Bool {
        object.members.allSatisfy { name, _ in name.hasPrefix("_") || names.contains(name) }
    }
}
