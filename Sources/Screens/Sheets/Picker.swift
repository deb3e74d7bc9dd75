import TerminalCore

/// Choosing a file of this machine: arrows in a folder, or a path typed.
enum Picker {
    struct Model: Equatable {
        /// The folder shown; empty while the first one is read.
        private(set) var listing = FolderListing(path: "", items: [])
        /// Whether another folder is being read.
        private(set) var isReading = true
        var field = TextField()

        /// Takes a folder that was read; `nil` where none could be.
        mutating func take(_ listing: FolderListing?) {
            isReading = false
            if let listing { self.listing = listing }
        }

        /// Waits for a folder: what is typed meanwhile is looked for there.
        mutating func wait() {
            isReading = true
            field = TextField()
        }

        /// The items whose names have the text typed.
        var shown: [FolderListing.Item] {
            if isReading { return [] }
            guard !field.text.isEmpty, !isPath else { return isPath ? [] : listing.items }
            let wanted = field.text.lowercased()
            return listing.items.filter { $0.name.lowercased().contains(wanted) }
        }

        private var isPath: Bool { field.text.contains("/") || field.text.hasPrefix("~") }

        enum Choice: Equatable {
            case folder(String)
            case file(String)
        }

        /// What Enter takes.
        func choice(_ focus: Int) -> Choice? {
            if isPath {
                return field.text.hasSuffix("/") ? .folder(field.text) : .file(field.text)
            }
            let items = shown
            guard items.indices.contains(focus) else { return nil }
            return items[focus].isFolder ? .folder(items[focus].path) : .file(items[focus].path)
        }
    }

    static func write(
        _ picker: Model, _ say: Words, focus: Int, rows: Int, into page: inout Document
    ) {
        page.input(
            "", SafeText(untrusted: picker.field.text), hint: say(.pickerHint), isFocused: true)
        page.line([
            Run(
                page.textWidth.suffix(
                    SafeText(untrusted: picker.listing.path), cells: page.width - 2), .textMuted)
        ])
        if picker.isReading { return page.text(say(.oneMoment), .textMuted) }
        let items = picker.shown
        let notShown = picker.listing.notShown
        let visible = max(rows - (notShown > 0 ? 3 : 2), 1)
        let top = min(max(focus - visible + 1, 0), max(items.count - visible, 0))
        for (index, item) in items.enumerated().dropFirst(top).prefix(visible) {
            page.choice(
                index, isFocused: index == focus,
                [Run(SafeText(untrusted: item.name), item.isFolder ? .link : .text)],
                trailing: item.isFolder ? [] : [Run(say.bytes(item.sizeBytes), .textMuted)])
        }
        if items.isEmpty, picker.choice(0) == nil { page.text(say(.nothingHere), .textMuted) }
        if notShown > 0 { page.text(say(.pickerNotShown, say.number(Int64(notShown))), .textMuted) }
    }
}
