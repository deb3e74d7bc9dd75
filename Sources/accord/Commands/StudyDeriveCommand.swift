import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import TerminalCore

/// States what was made from records.
struct StudyDerive: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "derive",
        abstract: Spoken.help(
            "State that a file was made from records that were read.", "声明某文件由已读取的记录生成。"),
        discussion: Spoken.help(
            """
            The ledger gets the fingerprint of the file, the records it was made from and the grants \
            that allow it, an entry for each member; each member sees it. What a member no longer \
            allows is refused: leave their records out and make the file again. The records are \
            those of the folder that  accord study use  wrote.
            """,
            """
            账本为每位成员各记一个条目：文件的指纹、所用的记录及所依据的授权；每位成员都能看到。成员不再允许的会被拒绝：\
            请去掉其记录后重新生成文件。所用记录即  accord study use  所写文件夹中的记录。
            """))

    @Argument(
        help: Spoken.help(
            "The folder with the records and manifest.json.", "含有记录和 manifest.json 的文件夹。"),
        completion: .directory)
    var folder: String
    @Argument(
        help: Spoken.help("The file that was made from them.", "由这些记录生成的文件。"), completion: .file())
    var file: String
    @Option(
        help: Spoken.help(
            "The account of one member; otherwise everybody in the folder.",
            "一位成员的账户；未指定时为文件夹中的所有成员。"))
    var member: String?
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        guard let content = FileManager.default.contents(atPath: file) else {
            throw output.failure(.wrongUse, "could not read \(file)", "无法读取 \(file)")
        }
        let place = URL(filePath: folder, directoryHint: .isDirectory)
        let manifest = try StudyManifest(file: place.appending(path: "manifest.json"))
        let statements = statements(
            manifest.forResearch.filter { member == nil || $0.account.text == member },
            output: Hash.of([UInt8](content)))
        guard !statements.isEmpty else {
            throw output.failure(
                .wrongUse, "\(folder) has no record that was read for research",
                "\(folder) 中没有用于研究的记录")
        }
        try await StudyOffice.open(office, output) { office in
            var stated = StudyOffice.Stated()
            stated.note(statements.map(\.1), try await office.desk.state(statements))
            output.json(
                jsonObject([
                    ("recorded", .integer(Int64(stated.recorded))), ("refused", stated.json),
                ]))
            output.line("\(stated.recorded) recorded", "已记录 \(stated.recorded) 项")
            try stated.conclude(output)
        }
    }

    /// One statement for each member, project, purpose and grant, in the order of the files.
    private func statements(_ files: [StudyManifest.File], output: Hash) -> [(AccountID, EntryBody)]
    {
        var groups: [(first: StudyManifest.File, inputs: [Hash])] = []
        for file in files {
            let group = groups.firstIndex {
                $0.first.account == file.account && $0.first.project == file.project
                    && $0.first.purpose == file.purpose && $0.first.grant == file.grant
                    && $0.inputs.count < EntryLimits.listCount
            }
            if let group {
                groups[group].inputs.append(file.contribution)
            } else {
                groups.append((file, [file.contribution]))
            }
        }
        return groups.map { group in
            (
                group.first.account,
                .dataDerived(
                    .init(
                        project: group.first.project, grant: group.first.grant,
                        purpose: group.first.purpose, inputs: group.inputs, output: output))
            )
        }
    }
}
