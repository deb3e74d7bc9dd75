import Foundation

/// A value inside parsed JSON, or nothing; asking nothing for something gives nothing.
struct JSONNode {
    private let value: Any?

    private init(_ value: Any?) {
        self.value = value
    }

    /// Parses one value.
    ///
    /// The nesting is checked first: Foundation's parser is recursive.
    static func parsed(_ text: ArraySlice<UInt8>) throws(StudyDefect) -> JSONNode {
        guard depth(of: text) <= StudyLimits.depth else { throw .tooDeep }
        do {
            return JSONNode(try JSONSerialization.jsonObject(with: Data(text)))
        } catch {
            let detail = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
            throw .notJSON(StudyText.shortened(detail ?? "it cannot be parsed", bytes: 200))
        }
    }

    /// The member of an object.
    subscript(key: String) -> JSONNode {
        JSONNode((value as? [String: Any])?[key])
    }

    /// The member at a path of keys.
    subscript(path: [String]) -> JSONNode {
        path.reduce(self) { $0[$1] }
    }

    /// The elements of a list; a value that is no list counts as one element.
    var elements: [JSONNode] {
        if let list = value as? [Any] { return list.map { JSONNode($0) } }
        return exists ? [self] : []
    }

    /// The elements of a list, or `nil` if this is none.
    var list: [JSONNode]? {
        (value as? [Any])?.map { JSONNode($0) }
    }

    /// The keys of an object, ascending; none if this is no object.
    var keys: [String] {
        (value as? [String: Any])?.keys.sorted() ?? []
    }

    /// Whether there is a value other than `null`.
    var exists: Bool {
        value != nil && !(value is NSNull)
    }

    /// Whether this is an object.
    var isObject: Bool { value is [String: Any] }

    /// The text of a string or number; `nil` if there is none or only white space.
    var text: String? {
        if let number = value as? NSNumber { return number.stringValue }
        guard let text = value as? String, text.utf8.contains(where: { !StudyFile.isBlank($0) })
        else { return nil }
        return text
    }

    /// A positive whole number, also of a string of digits.
    var count: Int64? {
        guard let text, let number = Int64(StudyText.folded(text)), number > 0 else { return nil }
        return number
    }

    /// The deepest nesting of brackets outside strings, of JSON or something like it.
    static func depth(of text: ArraySlice<UInt8>) -> Int {
        var depth = 0
        var deepest = 0
        var isString = false
        var isEscaped = false
        for byte in text {
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return deepest
    }
}
