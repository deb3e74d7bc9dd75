import Foundation
import LedgerCore
import StudyImport
import TerminalCore

extension Output {
    /// Where in a study file something stands.
    func told(_ position: StudyPosition) -> SafeText {
        switch position {
        case .file: say("the file", "整个文件")
        case .line(let number): say("line \(number)", "第 \(number) 行")
        case .element(let number): say("element \(number)", "第 \(number) 个元素")
        }
    }

    /// Why a record of a study file is not taken.
    func told(_ defect: StudyDefect) -> SafeText { say("\(defect)", chinese(defect)) }

    /// Why no study comes out of a file: which file, where and what.
    func told(_ refusal: StudyRefusal) -> SafeText {
        let file = SafeText(untrusted: refusal.file)
        let (place, why) = (told(refusal.position), told(refusal.defect))
        return refusal.position == .file
            ? say("\(file): \(why)", "\(file)：\(why)")
            : say("\(file), \(place): \(why)", "\(file)，\(place)：\(why)")
    }

    private func chinese(_ defect: StudyDefect) -> SafeText {
        switch defect {
        case .empty: "其中没有记录"
        case .tooLarge: "超过 \(StudyLimits.fileBytes >> 20) MiB"
        case .tooDeep: "嵌套超过 \(StudyLimits.depth) 层"
        case .notText: "不是 UTF-8 文本"
        case .notJSON(let detail): "不是 JSON：\(detail)"
        case .notXML(let line, let column): "不是 XML：第 \(line) 行第 \(column) 列"
        case .declaresEntities: "声明了文档类型或实体，这类内容从不读取"
        case .notCSV(let defect): "不是 CSV：\(chinese(defect))"
        case .describesDataSets: "描述的是数据集，不是研究"
        case .formatUnknown(let form): "不是可识别的研究格式：\(chinese(form))"
        case .missing(.registryNumber): "没有登记号"
        case .missing(.title): "没有标题"
        case .duplicate(let position): "同一研究已出现在\(told(position))"
        }
    }

    private func chinese(_ defect: StudyDefect.CSVDefect) -> SafeText {
        switch defect {
        case .tooManyColumns: "超过 1000 列"
        case .openQuote: "引号没有结束"
        case .textAfterQuote: "结束引号之后还有文字"
        case .columnsDiffer(let count, let header): "有 \(count) 列，而表头有 \(header) 列"
        }
    }

    private func chinese(_ form: StudyDefect.Lookalike) -> SafeText {
        switch form {
        case .resource(let type): "这是 FHIR \(type)，不是 ResearchStudy"
        case .root(let name): "这是 XML，根元素为 \(name)"
        case .noObject: "这是 JSON，但不是对象"
        case .emptyObject: "这是空的 JSON 对象"
        case .keys(let names): "这是 JSON，键为 \(names)"
        case .columns(let names): "这是文本，列为 \(names)"
        }
    }
}
