import SyncCore
import TerminalCore

extension Words {
    /// Returns where an institution is, and whether it is mostly held from abroad.
    func place(_ place: RecipientPlace) -> SafeText {
        let spot =
            place.region.isEmpty
            ? self(ConsentText.placeHere)
            : self(ConsentText.placeAbroad, regionName(place.region))
        guard place.isForeignHeld else { return spot }
        return spot + " · " + self(ConsentText.foreignHeld)
    }

    /// The name of a country or region by its ISO 3166-1 code; the code where it is not named here.
    func regionName(_ code: String) -> SafeText {
        Self.regions[code].map { self($0) } ?? SafeText(untrusted: code)
    }

    static let regions: [String: Bilingual] = [
        "AU": Bilingual("Australia", "澳大利亚"), "BR": Bilingual("Brazil", "巴西"),
        "CA": Bilingual("Canada", "加拿大"), "CH": Bilingual("Switzerland", "瑞士"),
        "CN": Bilingual("mainland China", "中国大陆"), "DE": Bilingual("Germany", "德国"),
        "DK": Bilingual("Denmark", "丹麦"), "ES": Bilingual("Spain", "西班牙"),
        "FR": Bilingual("France", "法国"), "GB": Bilingual("the United Kingdom", "英国"),
        "HK": Bilingual("Hong Kong SAR, China", "中国香港"), "IN": Bilingual("India", "印度"),
        "IT": Bilingual("Italy", "意大利"), "JP": Bilingual("Japan", "日本"),
        "KR": Bilingual("South Korea", "韩国"), "MO": Bilingual("Macao SAR, China", "中国澳门"),
        "NL": Bilingual("the Netherlands", "荷兰"), "SE": Bilingual("Sweden", "瑞典"),
        "SG": Bilingual("Singapore", "新加坡"), "US": Bilingual("the United States", "美国"),
    ]
}
