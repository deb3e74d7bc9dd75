package import LedgerCore
package import SyncCore
import TerminalCore

// What the ledger's own words mean, in both languages. Each switch is complete: a new case does
// not compile until it is said in both.

extension RecordKind {
    /// What it is called.
    package var name: Bilingual {
        switch self {
        case .genomic: Bilingual("genome", "基因组")
        case .transcriptomic: Bilingual("gene activity", "转录组")
        case .proteomic: Bilingual("proteins", "蛋白质组")
        case .metabolomic: Bilingual("metabolites", "代谢组")
        case .microbiome: Bilingual("microbiome", "微生物组")
        case .imaging: Bilingual("images", "影像")
        case .clinical: Bilingual("clinical records", "临床记录")
        case .wearable: Bilingual("wearable data", "可穿戴设备数据")
        }
    }
}

extension Programme {
    /// What it is called.
    package var name: Bilingual {
        switch self {
        case .staffPlan: Bilingual("staff plan", "员工计划")
        case .maternalChild: Bilingual("mother and child alliance", "母婴健康联盟")
        case .rareDisease: Bilingual("rare disease collaboration", "罕见病协作")
        case .crossOmics: Bilingual("cross-omics plan", "跨组学计划")
        case .tumourCare: Bilingual("tumour care plan", "肿瘤关怀计划")
        }
    }
}

extension DataUse {
    /// What it permits or limits, in plain words.
    package var meaning: Bilingual {
        switch self {
        case .generalResearch: Bilingual("any research", "各类研究")
        case .healthResearch: Bilingual("health and medical research", "健康与医学研究")
        case .diseaseSpecific: Bilingual("disease-specific research", "特定疾病研究")
        case .ancestryResearch: Bilingual("research on ancestry", "族群与祖源研究")
        case .clinicalCare: Bilingual("care of patients", "临床诊疗")
        case .geneticStudies: Bilingual("genetic studies only", "仅限遗传学研究")
        case .noRestriction: Bilingual("any use", "任何用途")
        case .ethicsApproval: Bilingual("only with ethics approval", "须经伦理批准")
        case .publicationRequired: Bilingual("results must be published", "成果须公开发表")
        case .userSpecific: Bilingual("only named users", "仅限指定使用者")
        case .ancestryProhibited: Bilingual("no research on ancestry", "不得用于祖源研究")
        case .collaborationRequired:
            Bilingual("only together with the study team", "须与研究团队合作")
        case .nonCommercial: Bilingual("no commercial use", "不得商用")
        case .notForProfitNonCommercial:
            Bilingual("only not-for-profit bodies, no commercial use", "仅限非营利机构，不得商用")
        case .researchSpecific: Bilingual("only some kinds of research", "仅限部分研究类型")
        case .timeLimit: Bilingual("for a limited time", "有时间限制")
        case .notForProfit: Bilingual("only not-for-profit bodies", "仅限非营利机构")
        case .publicationMoratorium: Bilingual("published only after a date", "限期后方可发表")
        case .returnResults: Bilingual("results come back to you", "结果须返回给您")
        case .noMethodsResearch:
            Bilingual("not for developing methods", "不得用于方法开发")
        case .institutionSpecific: Bilingual("only named institutions", "仅限指定机构")
        // The terms name no regions of their own: who may read is named, and where that is.
        case .geographical: Bilingual("only where the recipients are", "仅限使用方所在地区")
        case .projectSpecific: Bilingual("only this project", "仅限本项目")
        }
    }
}

extension UsePurpose {
    /// What the read is for.
    package var meaning: Bilingual {
        switch self {
        case .review: Bilingual("check of a new contribution", "审核新提交的数据")
        case .research(let use): use.meaning
        case .disease(let term):
            Bilingual("research on the disease \(term.text)", "疾病 \(term.text) 的研究")
        case .linkage(let project):
            Bilingual(
                "linking with your records in \(project.text)", "与您在 \(project.text) 中的记录关联")
        }
    }
}

extension AuthorizationState {
    /// The state in a word.
    package var phrase: Phrase {
        switch self {
        case .active: .inForce
        case .paused: .paused
        case .reconsentDue: .reconsentDue
        case .replaced: .replaced
        case .withdrawn: .revoked
        case .expired: .expired
        case .terminated: .projectEnded
        case .invalidated: .neverValid
        }
    }
}

extension RevocationMode {
    /// What it is called.
    package var name: Bilingual {
        switch self {
        case .stop: Bilingual("Stop", "停止使用")
        case .stopAndErase: Bilingual("Stop and erase", "停止并删除")
        case .stopAndKeepAnonymised:
            Bilingual("Stop, keep what is anonymous", "停止，保留已匿名部分")
        }
    }

    /// What it does.
    package var explained: Bilingual {
        switch self {
        case .stop:
            Bilingual(
                "Nobody reads your records any more. Past uses stay valid.",
                "不再有人能读取您的记录，过去的使用仍然有效。")
        case .stopAndErase:
            Bilingual(
                "The key is destroyed, so nobody can open the records again. Recipients are told to erase.",
                "销毁密钥，任何人都无法再打开记录，并要求接收方删除。")
        case .stopAndKeepAnonymised:
            Bilingual(
                "Nobody reads your records any more. Anonymous results may be kept.",
                "不再有人能读取您的记录，已匿名的结果可以保留。")
        }
    }
}

extension ContributionRefusal {
    /// Why a study team does not take a contribution.
    package var explained: Bilingual {
        switch self {
        case .unreadable: Bilingual("the study team could not read it", "研究团队无法读取")
        case .outsideWindow:
            Bilingual("its dates are outside what is collected", "日期不在采集范围内")
        case .notAsked: Bilingual("it is not what was asked for", "不是所需的数据")
        case .duplicate: Bilingual("it was handed over before", "此前已经提交过")
        case .quality: Bilingual("its quality is not enough", "数据质量不足")
        }
    }
}

extension TerminationReason {
    /// Why an authority ended a project.
    package var explained: Bilingual {
        switch self {
        case .ethicsLapsed: Bilingual("the ethics approval lapsed", "伦理批件已失效")
        case .approvalLapsed:
            Bilingual("the approval for genetic resources lapsed", "人类遗传资源审批已失效")
        case .ordered: Bilingual("a regulator ordered it", "监管机构要求")
        }
    }
}

extension InvalidationReason {
    /// Why an authorization was never valid.
    package var explained: Bilingual {
        switch self {
        case .wrongPerson: Bilingual("it was given for somebody else", "误用了他人身份")
        case .falseAuthority:
            Bilingual("who gave it had no authority to", "授权人无权授权")
        }
    }
}

extension LapseCause {
    /// Why a member can decide no more.
    package var explained: Bilingual {
        switch self {
        case .died: Bilingual("the member was reported dead", "成员被报告已去世")
        case .incapable:
            Bilingual("the member was reported unable to decide", "成员被报告无法再作决定")
        }
    }
}

extension CorrectionReason {
    /// Why points are corrected.
    package var explained: Bilingual {
        switch self {
        case .duplicate: Bilingual("the same thing was paid twice", "同一事项重复支付")
        case .fraud: Bilingual("the record was not genuine", "记录不属实")
        case .arithmetic: Bilingual("the amount was computed wrongly", "数额计算有误")
        }
    }
}

extension UseDenial {
    /// Why a use was denied.
    package var explained: Bilingual {
        switch self {
        case .noAuthorization: Bilingual("you never authorized this", "您从未授权")
        case .revoked: Bilingual("you revoked the authorization", "您已撤销授权")
        case .paused: Bilingual("you paused the authorization", "您已暂停授权")
        case .expired: Bilingual("the authorization has run out", "授权已到期")
        case .reconsentDue:
            Bilingual("the project changed and you have not agreed anew", "项目已变更，您尚未重新同意")
        case .projectClosed: Bilingual("the project is closed", "项目已结束")
        case .recipientNotNamed:
            Bilingual("your authorization does not name this reader", "授权未包含该使用方")
        case .purposeNotNamed:
            Bilingual("your authorization does not name this purpose", "授权未包含该用途")
        case .nothingCovered:
            Bilingual("no record you handed over is covered", "已提交的记录均不在授权范围内")
        case .recordMissing:
            Bilingual("the record or its key is no longer there", "记录或密钥已不存在")
        case .diseaseNotNamed:
            Bilingual("your authorization does not name this disease", "授权未包含该疾病")
        case .linkageNotNamed:
            Bilingual("you did not agree to link the two projects", "您未同意关联这两个项目")
        case .approvalMissing:
            Bilingual(
                "the reader is foreign and has no approval for human genetic resources",
                "使用方为境外机构，缺少人类遗传资源审批或备案")
        case .securityReviewMissing:
            Bilingual(
                "the genomes of more than 500 people need a security review first",
                "超过 500 人的基因组数据须先通过安全审查")
        case .invalidated: Bilingual("the authorization was never valid", "授权自始无效")
        }
    }
}

extension EntryState {
    /// The state in a word.
    package var name: Bilingual {
        switch self {
        case .queued: Bilingual("queued", "待发送")
        case .sent: Bilingual("sent", "已发送")
        case .accepted: Bilingual("recorded", "已记录")
        case .proven: Bilingual("verified", "已验证")
        case .rejected: Bilingual("refused", "未通过")
        case .disputed: Bilingual("in dispute", "有争议")
        }
    }

    /// What the state means.
    package var explained: Bilingual {
        switch self {
        case .queued:
            Bilingual("Signed and kept here; not sent yet.", "已签名并保存在本机，尚未发送。")
        case .sent: Bilingual("Sent; no answer yet.", "已发送，尚未收到答复。")
        case .accepted:
            Bilingual("In the ledger; the proof is not checked yet.", "已写入账本，证明尚未核对。")
        case .proven:
            Bilingual("In the ledger; the proof was checked on this machine.", "已写入账本，证明已在本机核对。")
        case .rejected:
            Bilingual("Refused for good; nothing changed.", "未通过，未产生任何变化。")
        case .disputed:
            Bilingual(
                "The node promised a place in the ledger and does not hold it. Keep your receipt.",
                "节点承诺了账本位置却没有兑现，请保留凭证。")
        }
    }
}
