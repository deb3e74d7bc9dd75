package import LedgerCore

/// A hash as a few common words that two people, or two screens, can compare.
///
/// The words are the same in every language of the app: two devices of one person may be set to
/// different ones.
package enum FingerprintWords {
    /// Returns words that stand for the first bytes of a hash, eight bits each.
    ///
    /// `count` is in `1...32`.
    package static func words(of hash: Hash, count: Int) -> [String] {
        hash.bytes.prefix(count).map { list[Int($0)] }
    }

    /// 256 English words of three to seven letters, sorted.
    package static let list = """
        acid acorn actor adobe agent alarm album alley amber angle ankle apple apron arena \
        armor arrow aspen atlas attic audio award bacon badge baker bamboo banjo barrel basil \
        basket beach beacon beaver bench berry birch bison blade blaze board boat bonus book \
        boot bottle brass bread brick bridge broom brush bubble bucket cabin cable cactus \
        camel camera canal candle canoe canyon carbon cargo carpet castle cedar cello chain \
        chalk cherry chess cinder circle citrus clay cliff clock cloud clover coast cobra \
        coffee comet copper coral cotton cradle crane crater cricket crown crystal curtain \
        daisy dawn delta desert diesel dinner dolphin donkey dragon drum eagle easel echo \
        elbow ember engine envoy escape fabric falcon feather fennel fern ferry fiddle finch \
        flame flask flute forest fossil fox frost galaxy garden garlic gate geyser ginger \
        glacier glider glove goat gold granite grape guitar hammer hammock harbor harvest \
        hazel helmet heron hive honey hotel iceberg igloo indigo insect island ivory jacket \
        jade jaguar jasmine jelly jewel jungle kayak kernel kettle kitten kiwi ladder lagoon \
        lantern lava lemon lily linen lizard lotus magnet mango mantle maple marble meadow \
        melon mirror mitten monkey moss mouse museum napkin nectar needle nickel noodle oasis \
        ocean olive onion onyx opera orange orbit orchid otter oyster paddle panda panther \
        parrot pebble pencil pepper piano pigeon pillow planet plum pocket polar pony poppy \
        potato prism pumpkin puzzle quartz quilt rabbit radar raven reef ribbon river robin \
        rocket saddle salmon sandal saturn shadow silver spider spoon squash sugar tiger \
        tractor tulip turtle velvet violet walnut whale window winter
        """.split(separator: " ").map(String.init)
}
