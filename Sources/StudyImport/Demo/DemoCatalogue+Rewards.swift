package import LedgerCore

extension DemoCatalogue {
    /// What points can be spent on: small things at once, larger ones at the health office, and one
    /// that is soon gone.
    package static let rewards: [RewardOffered] = [
        reward("canteen", "A lunch in the canteen", "一份食堂午餐", 150, units: 60, isInstant: true),
        reward("swim", "Ten swims in the sports hall", "体育馆游泳十次", 300, units: 20, isInstant: true),
        reward(
            "gift", "Given on: a day of therapy for a child with a rare disease",
            "转赠：为罕见病患儿提供一天的治疗", 200, units: 500, isInstant: true),
        reward("checkup", "A health check-up for two", "双人健康体检", 600, units: 12),
        reward("hut", "A night in the mountain hut", "山间小屋住宿一晚", 900, units: 2),
    ]

    private static func reward(
        _ id: String, _ english: String, _ chinese: String, _ price: Int64, units: Int64,
        isInstant: Bool = false
    ) -> RewardOffered {
        guard let id = RewardID(id) else { preconditionFailure("\(id) is no name of a reward") }
        return RewardOffered(
            reward: id, title: LocalizedText(english: english, chinese: chinese),
            price: Points(price), units: units, isInstant: isInstant)
    }
}
