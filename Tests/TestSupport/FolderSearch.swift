package import Foundation

extension FileManager {
    /// The names of the files below a folder that hold some bytes.
    package func files(below folder: URL, with bytes: [UInt8]) -> [String] {
        let found = enumerator(at: folder, includingPropertiesForKeys: nil)
        var names: [String] = []
        while let file = found?.nextObject() as? URL {
            // A folder has no content.
            guard let content = try? Data(contentsOf: file) else { continue }
            if content.range(of: Data(bytes)) != nil { names.append(file.lastPathComponent) }
        }
        return names
    }
}
