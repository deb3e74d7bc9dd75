package import LedgerCore
package import Screens
package import SyncCore

/// What a member in the middle of things has.
package enum SampleMember {
    /// The whole store.
    package static var reading: SampleReading {
        var details = SampleCatalogue.details
        details[0].participation = .joined
        details[1].participation = .joined
        details[4].participation = .joined
        let lines = [
            authorization(
                details[0], kinds: [.clinical, .wearable], until: details[0].terms.useUntil,
                state: .active, uses: 3),
            authorization(
                details[1], kinds: [.clinical], until: SampleCatalogue.day(120), state: .active,
                pending: .init(kind: .authorizationRevoked, state: .queued), uses: 1),
            authorization(
                details[2], kinds: [.wearable], until: SampleCatalogue.day(60), state: .paused),
            authorization(
                details[3], kinds: [.clinical], until: SampleCatalogue.day(-10), state: .expired),
        ]
        return SampleReading(
            details: details, authorizationLines: lines,
            recordLines: [clinicalRecord(contributions: contributions(details)), wearableRecord],
            pointsLines: points(details), balances: balances, entries: entries(details),
            counts: SyncStatus(
                connection: .waiting, verifiedSize: 214, verifiedAt: SampleReading.now,
                outboxCount: 1, queuedRevocations: 1, unreadRefusals: 1),
            lastVisit: SampleCatalogue.day(-3).adding(milliseconds: 14_400_000),
            resultLines: results(details), offers: offers(details))
    }

    private static let balances = PointsSummary(
        available: Points(2_480), onTheWay: Points(120),
        months: [0, 0, 40, 80, 60, 120, 200, 180, 300, 420, 740, 340].map { Points($0) },
        waitsUntil: SampleCatalogue.day(5))

    /// An authorization of a project.
    package static func authorization(
        _ detail: ProjectDetail, kinds: [RecordKind], until: Timestamp,
        state: AuthorizationState, pending: AuthorizationLine.PendingDecision? = nil,
        uses: Int = 0
    ) -> AuthorizationLine {
        let terms = detail.terms
        return AuthorizationLine(
            id: AuthorizationID(
                account: SampleCatalogue.institution, project: terms.project, major: terms.major),
            project: terms.project, title: terms.title,
            grant: AuthorizationGranted(
                project: terms.project, major: terms.major, minor: terms.minor,
                terms: terms.hash, language: "en", kinds: kinds, purposes: terms.purposes,
                recipients: terms.recipients, collectionFrom: terms.collectionFrom,
                collectionUntil: terms.collectionUntil, until: until, eraseAt: terms.eraseAt,
                cites: .zero, observedSize: 0, observedRoot: .zero),
            recipients: detail.recipients, state: state,
            grantedAt: pending?.kind == .authorizationGranted ? nil : SampleCatalogue.day(-10),
            pending: pending, uses: uses,
            lastUse: uses > 0 ? SampleCatalogue.day(-2) : nil)
    }

    // MARK: Records

    /// A record of 312 clinical rows.
    package static func clinicalRecord(contributions: [ContributionLine]) -> RecordLine {
        RecordLine(
            id: 1, fileName: "synthea-amelia-lin.json", kind: .clinical, rowCount: 312,
            identifyingCount: 2, from: SampleCatalogue.day(-690), until: SampleCatalogue.day(-8),
            importedAt: SampleCatalogue.day(-11), contributions: contributions)
    }

    private static var wearableRecord: RecordLine {
        RecordLine(
            id: 2, fileName: "手环导出-2026.json", kind: .wearable, rowCount: 1_204,
            identifyingCount: 0, from: SampleCatalogue.day(-300), until: SampleCatalogue.day(-1),
            importedAt: SampleCatalogue.day(-1), contributions: [])
    }

    private static func contributions(_ details: [ProjectDetail]) -> [ContributionLine] {
        [
            ContributionLine(
                entry: hash(8), project: details[0].terms.project, title: details[0].terms.title,
                kind: .clinical, rows: 310, state: .proven, review: .accepted,
                uploadedPercent: 100),
            ContributionLine(
                entry: hash(9), project: details[1].terms.project, title: details[1].terms.title,
                kind: .clinical, rows: 28, state: .accepted, review: .waiting,
                uploadedPercent: 64),
        ]
    }

    /// Rows of the sample records.
    package static func rows(of record: Int64, offset: Int, limit: Int) -> RecordRows {
        let count = record == 1 ? 312 : 1_204
        let lines = (offset..<(min(limit, count - offset) + offset)).map { position in
            switch position {
            case 0:
                RecordRowLine(
                    position: 0, what: "Patient", when: "", value: "Amelia Lin, born 1987-04-02",
                    identifies: true)
            case 1:
                RecordRowLine(
                    position: 1, what: "就诊医院", when: "2024-12-22", value: "深圳市第三人民医院",
                    identifies: true)
            default:
                RecordRowLine(
                    position: position,
                    what: ["Body weight", "Systolic blood pressure", "Hemoglobin A1c"][
                        position % 3],
                    when: "2025-0\(position % 9 + 1)-1\(position % 10)",
                    value: ["71.4 kg", "128 mm[Hg]", "5.6 %"][position % 3], identifies: false)
            }
        }
        return RecordRows(
            record: record, page: Page(offset: offset, lines: lines, total: count),
            identifying: record == 1 ? [0, 1] : [],
            sorts: [RowSort(name: "Body weight", count: 103), RowSort(name: "Patient", count: 1)])
    }

    /// The sample rows at positions.
    package static func rows(
        of record: Int64, at positions: [Int], offset: Int, total: Int
    ) -> RecordRows {
        let all = rows(of: record, offset: 0, limit: .max).page.lines
        return RecordRows(
            record: record,
            page: Page(offset: offset, lines: positions.map { all[$0] }, total: total),
            identifying: [])
    }

    /// The sample rows with a word in them and of a sort; none is outside a project's dates but
    /// the last one.
    package static func find(_ action: Action) -> RowSet? {
        switch action {
        case .findRows(let record, let query):
            let all = rows(of: record, offset: 0, limit: .max).page.lines
            let words = query.text.lowercased().split(separator: " ")
            let found = all.filter { row in
                let text = "\(row.what) \(row.when) \(row.value)".lowercased()
                return words.allSatisfy { text.contains($0) }
                    && (query.sort == nil || query.sort == row.what)
            }
            return RowSet(found.map(\.position), capacity: all.count)
        case .findOutside(let record, _):
            let count = rows(of: record, offset: 0, limit: 0).page.total
            return RowSet(capacity: count)
        default: return nil
        }
    }

    /// A folder with files.
    package static let folder = FolderListing(
        path: "/home/wei/health",
        items: [
            .init(name: "..", path: "/home/wei", isFolder: true, sizeBytes: 0),
            .init(name: "2025", path: "/home/wei/health/2025", isFolder: true, sizeBytes: 0),
            .init(
                name: "synthea-amelia-lin.json", path: "/home/wei/health/synthea-amelia-lin.json",
                isFolder: false, sizeBytes: 1_482_112),
            .init(
                name: "手环导出-2026.json", path: "/home/wei/health/手环导出-2026.json",
                isFolder: false, sizeBytes: 88_204),
        ])

    // MARK: Entries and points

    /// Three rewards, the last dearer than what the member has.
    package static let rewards: [RewardLine] = [
        ("checkup", "Health check, half a day", "半日体检", 500, false),
        ("donation", "Give it to the patient fund", "捐给患者基金", 100, true),
        ("watch", "Sports watch", "运动手表", 50_000, false),
    ].compactMap { id, english, chinese, price, isInstant in
        RewardID(id).map {
            RewardLine(
                id: $0, title: LocalizedText(english: english, chinese: chinese),
                price: Points(price), isInstant: isInstant, spendable: Points(2_480))
        }
    }.sorted { $0.price < $1.price }

    private static func hash(_ number: UInt8) -> Hash { Hash.of([number]) }

    private static func points(_ details: [ProjectDetail]) -> [PointsLine] {
        let rows: [(UInt8, Int64, EntryKind, Int64, EntryKind?, Bool)] = [
            (3, -2, .pointsAccrued, 20, .useAllowed, true),
            (4, -3, .pointsAccrued, 100, .contributionAccepted, true),
            (11, -8, .pointsVested, 600, nil, false),
            (12, -15, .pointsAccrued, 600, .contributionAccepted, false),
            (13, -200, .pointsVoided, 40, nil, false),
        ]
        return rows.map { number, days, kind, points, cause, isWaiting in
            PointsLine(
                entry: hash(number), index: 214 - Int64(number), at: SampleCatalogue.day(days),
                kind: kind, points: Points(points), project: details[0].terms.project,
                title: details[0].terms.title, cause: cause,
                vestsAt: kind == .pointsAccrued ? SampleCatalogue.day(days + 7) : nil,
                isWaiting: isWaiting)
        }
    }

    private static func entries(_ details: [ProjectDetail]) -> [ActivityLine] {
        let first = details[0].terms
        let full = details[5].terms
        let team = SampleCatalogue.institution
        let bodies: [(EntryBody, Int64, EntryState, ProjectTerms)] = [
            (
                .authorizationRevoked(
                    AuthorizationRevoked(
                        project: details[1].terms.project, major: 1, mode: .stop)), 0, .queued,
                details[1].terms
            ),
            (
                .signupJoined(SignupJoined(project: full.project, major: 1, minor: 0)), -1,
                .rejected, full
            ),
            (
                .useAllowed(
                    UseAllowed(
                        project: first.project, user: team, grant: hash(40),
                        purpose: .research(.healthResearch), contributions: [hash(8)])), -2,
                .proven, first
            ),
            (
                .pointsAccrued(
                    PointsAccrued(
                        project: first.project, trigger: hash(2), points: Points(20),
                        vestsAt: SampleCatalogue.day(5), isLimited: false)), -2, .proven, first
            ),
            (
                .useDenied(
                    UseDenied(
                        project: details[2].terms.project, user: team,
                        purpose: .research(.healthResearch), reason: .paused)), -3, .proven,
                details[2].terms
            ),
            (
                .contributionAccepted(
                    ContributionReviewed(project: first.project, contribution: hash(8))), -9,
                .proven, first
            ),
            (
                .recordContributed(
                    RecordContributed(
                        project: first.project, record: hash(50), commitment: hash(51),
                        kind: .clinical, rows: 310, from: SampleCatalogue.day(-690),
                        until: SampleCatalogue.day(-8), sizeBytes: 188_212)), -9, .accepted, first
            ),
            (
                .authorizationGranted(
                    authorization(
                        details[0], kinds: [.clinical, .wearable], until: first.useUntil,
                        state: .active
                    ).grant), -10, .proven, first
            ),
            (
                .signupJoined(SignupJoined(project: first.project, major: 1, minor: 0)), -10,
                .proven, first
            ),
        ]
        return bodies.enumerated().map { position, row in
            let isPending = row.2 == .queued || row.2 == .rejected
            var actor: LocalizedText?
            switch row.0 {
            case .useAllowed, .useDenied, .contributionAccepted:
                actor = SampleCatalogue.institutionName
            default: actor = nil
            }
            return ActivityLine(
                entry: hash(UInt8(position)), index: isPending ? nil : Int64(200 - position),
                at: SampleCatalogue.day(row.1), body: row.0, state: row.2,
                rejection: row.2 == .rejected ? .projectFull : nil,
                isRead: row.2 != .rejected, title: row.3.title, actor: actor)
        }
    }
}

extension SampleMember {
    /// The node, the ledger and two devices.
    static var machine: MachineView {
        let devices = ["4f", "a1"].compactMap { DeviceID(String(repeating: $0, count: 16)) }
        return MachineView(
            configFile: "/home/wei/.config/accord/config.toml",
            keysFile: "/home/wei/.config/accord/keys.toml", node: "https://node.example.org",
            origin: "ledger.example.org/consent",
            fingerprint: "ledger.example.org/consent+5c6ee48a+AZ9VxMnqPv",
            verifiedSize: 214, verifiedAt: SampleReading.now, root: Hash.of(label: "root"),
            devices: devices.enumerated().map { index, id in
                MachineView.Device(
                    id: id,
                    since: Timestamp(
                        milliseconds: SampleReading.now.milliseconds - 86_400_000 * 90),
                    isHere: index == 0)
            })
    }

    /// One of them is under 14, one is not.
    package static let wards: [WardLine] = [("Lily", "2015-03"), ("丽丽", "2010-12")]
        .enumerated().compactMap { index, ward in
            BirthMonth(ward.1).map { born in
                WardLine(
                    account: AccountID(
                        firstDevice: DeviceID(
                            publicKey: [UInt8](repeating: UInt8(40 + index), count: 32))),
                    name: ward.0, born: born)
            }
        }
}
