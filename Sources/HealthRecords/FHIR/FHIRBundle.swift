/// Reads FHIR R4 files: a bundle of any type, one resource, or a list of resources (NDJSON).
package enum FHIRBundle {
    /// Longest file accepted, in bytes.
    package static let maximumFileBytes = 128 << 20

    /// Reads a file; what it is, is recognised by its content alone.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - name: Its name, for messages.
    ///   - limits: How many values it may have.
    /// - Returns: A row for each resource, or a reason in `skipped`: none is lost silently.
    /// - Throws: `RecordImportError` if the file as a whole cannot be trusted: broken, cut off, too
    ///   deep, or not FHIR.
    /// - Complexity: O(number of bytes).
    package static func read(
        _ bytes: [UInt8], name: String, limits: JSONLimits = JSONLimits()
    ) throws(RecordImportError) -> FHIRFile {
        let document = try document(bytes, name: name, limits)
        var collector = FHIRRowList()
        let roots = document.roots
        var line = 1
        var counted = 0
        for root in roots {
            let start = root.byteRange.lowerBound
            for position in counted..<start where bytes[position] == 0x0a { line += 1 }
            counted = start
            let place = roots.count > 1 ? line : nil
            if root["resourceType"]?.string == "Bundle" {
                collector.addEntries(of: root, line: place)
            } else if roots.count == 1, root["resourceType"]?.string == nil {
                throw RecordImportError(file: name, place: nil, reason: .notFHIR)
            } else {
                collector.add(
                    root, fullURL: nil, place: place.map(RowPlace.line) ?? .resource)
            }
        }
        guard !collector.rows.isEmpty || collector.skipped.total > 0 else {
            throw RecordImportError(file: name, place: nil, reason: .noResources)
        }
        // Lines of JSON of which not one is a resource: some other format.
        guard
            !collector.rows.isEmpty
                || collector.skipped.counts.contains(where: { $0.reason == .noResource })
        else {
            throw RecordImportError(file: name, place: nil, reason: .notFHIR)
        }
        return FHIRFile(
            rows: collector.rows, skipped: collector.skipped, resources: collector.resources,
            bytes: bytes)
    }

    private static func document(
        _ bytes: [UInt8], name: String, _ limits: JSONLimits
    ) throws(RecordImportError) -> JSONDocument {
        guard bytes.count <= maximumFileBytes else {
            throw RecordImportError(
                file: name, place: nil, reason: .tooLong(limitBytes: maximumFileBytes))
        }
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        let begin = text.first { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 }
        guard let begin else { throw RecordImportError(file: name, place: nil, reason: .empty) }
        // The byte order marks of UTF-16.
        if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            throw RecordImportError(file: name, place: nil, reason: .notUTF8)
        }
        guard jsonBeginnings.contains(begin) else {
            throw RecordImportError(file: name, place: nil, reason: .notJSON)
        }
        do {
            return try JSONDocument(bytes, limits: limits)
        } catch {
            let place = JSONDocument.place(of: error.offset, in: bytes)
            throw RecordImportError(
                file: name,
                place: .character(line: place.line, column: place.column),
                reason: error.reason)
        }
    }

    private static let jsonBeginnings = Set(#"{["-0123456789tfn"#.utf8)
}

/// Gathers rows, their places and what was skipped, in the order of the file.
private struct FHIRRowList {
    var rows: [FHIRRow] = []
    var resources: [FHIRFile.ResourceSlice] = []
    var skipped = SkippedParts()

    mutating func addEntries(of bundle: JSONElement, line: Int?) {
        for (position, entry) in (bundle["entry"]?.elements ?? []).enumerated() {
            let place = RowPlace.entry(position, line: line)
            if let resource = entry["resource"] {
                add(resource, fullURL: entry["fullUrl"], place: place)
            } else {
                skipped.add(place, entry.isObject ? .noResource : .notAnObject)
            }
        }
    }

    mutating func add(_ element: JSONElement, fullURL: JSONElement?, place: RowPlace) {
        guard element.isObject else {
            skipped.add(place, .notAnObject)
            return
        }
        guard let type = element["resourceType"]?.string else {
            skipped.add(place, .noResourceType)
            return
        }
        guard isTypeName(type) else {
            skipped.add(place, .badResourceType)
            return
        }
        rows.append(FHIRResource(element: element, type: type).row(id: rows.count))
        resources.append(
            FHIRFile.ResourceSlice(
                resource: element.byteRange,
                fullURL: fullURL?.string == nil ? nil : fullURL?.byteRange))
    }

    private func isTypeName(_ type: String) -> Bool {
        guard let first = type.utf8.first, 0x41...0x5a ~= first else { return false }
        return type.utf8.count <= 64
            && type.utf8.allSatisfy { 0x41...0x5a ~= $0 || 0x61...0x7a ~= $0 }
    }
}
