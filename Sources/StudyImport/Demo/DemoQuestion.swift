import LedgerCore

/// Questions that projects of the catalogue ask before consent.
enum DemoQuestion {
    static let employer = ComprehensionQuestion(
        LocalizedText(
            english: "Does anybody at work learn whether you take part?",
            chinese: "单位里会有人知道您是否参加吗？"),
        answers: [
            LocalizedText(english: "No, nobody at work is told.", chinese: "不会，单位里没有人会被告知。"),
            LocalizedText(
                english: "Yes, my manager, so that shifts can be planned.",
                chinese: "会，主管会知道，以便安排班次。"),
        ], right: 0,
        explanation: LocalizedText(
            english: "Nobody at work is told, whether you say yes, no, or stop later.",
            chinese: "无论您同意、拒绝还是以后停止，单位里都没有人会被告知。"))

    static let publishedTotals = ComprehensionQuestion(
        LocalizedText(
            english: "You stop after a year. What happens to totals that were published before?",
            chinese: "一年后您停止授权。此前已发表的汇总结果会怎样？"),
        answers: [
            LocalizedText(
                english: "They are counted again without me.", chinese: "会去掉我的数据重新计算。"),
            LocalizedText(
                english: "They stay; nobody can be told apart in them.",
                chinese: "会保留，其中无法辨认出任何人。"),
            LocalizedText(english: "I lose the points I earned.", chinese: "我会失去已获得的积分。"),
        ], right: 1,
        explanation: LocalizedText(
            english:
                "Published totals stay, and so do your points. Your own records are not read any more.",
            chinese: "已发表的汇总结果会保留，您的积分也会保留。您自己的记录不再被读取。"))

    static let relatives = ComprehensionQuestion(
        LocalizedText(
            english: "Does your sister learn what is found in your genes?",
            chinese: "您的姐妹会得知您的基因检测结果吗？"),
        answers: [
            LocalizedText(
                english: "Yes, because she may carry it too.", chinese: "会，因为她也可能携带。"),
            LocalizedText(
                english: "Only what is found in her own, if she takes part herself.",
                chinese: "只有她自己参加时，才会得知她自己的结果。"),
        ], right: 1,
        explanation: LocalizedText(
            english:
                "Relatives learn nothing from your records. Only a yes of their own shows theirs.",
            chinese: "亲属不会从您的记录中得知任何信息。只有他们自己同意，才会看到他们自己的结果。"))

    static let points = ComprehensionQuestion(
        LocalizedText(
            english: "When do you earn points?", chinese: "什么时候可以获得积分？"),
        answers: [
            LocalizedText(english: "As soon as I say yes.", chinese: "一同意就获得。"),
            LocalizedText(
                english: "When data I hand over is accepted or used.",
                chinese: "我提交的数据被接受或使用时。"),
        ], right: 1,
        explanation: LocalizedText(
            english: "Saying yes pays nothing, and saying no costs nothing.",
            chinese: "同意本身没有积分，拒绝也没有损失。"))
}
