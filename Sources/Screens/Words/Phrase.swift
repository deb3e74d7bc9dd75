/// A word or a few: labels, keys, titles, states.
///
/// No hole can be left in either language.
package enum Phrase: CaseIterable, Sendable {
    // Places and parts of the screen.
    case home, projects, authorizations, records, points, activity, places, status, details
    // Status line.
    case verifiedAt, offline, offlineSince, connecting, sending, receiving, connected
    case noConnection, locked, notJoined, deviceRemoved, incompatible, frozen, outbox
    case revocationsWaiting, refusedCount, notConfirmedSince, notConfirmedYet
    case waitingForWitnesses
    case nodeIsFull
    // Keys.
    case open, read, close, back, next, choose, use, run, done, down, up, halfDown, halfUp
    case pageDown, pageUp, first, last, nextPlace, formerPlace, nextField, formerField, help
    case commands, quit, suspend, signOut, search, clearSearch, changeOrder, findProjects
    case signUp, leave, authorize, contribute, revoke, pause, resume, importFile, seeRows, erase
    case takeHome, showProof, saveReceipt, markRead, later, tick, strike, range, all, syncNow,
        goOffline
    case join, unlock, otherLanguage, notNow, notNowPrivate, confirmSignUp, confirmLeave
    case confirmGrant, confirmRevoke, confirmErase, confirmContribute
    // Why a key does nothing.
    case notAuthorized, noFilterSet, allRequired, goTo
    case nothingSelected, nothingToRevoke, nothingToPause, nothingToMark, noEntryHere
    case notRecordedYet, authorizedAlready, signUpFirst, isClosed, notTakingPart
    case takingPartAlready, leavingAlready, notInKiosk
    // Titles.
    case signUpTitle, leaveTitle, revokeTitle, importTitle, eraseTitle, entryTitle
    case refusalTitle, proofTitle, helpTitle, paletteTitle, noticesTitle, themesTitle
    case languagesTitle, languageName, quitTitle, contributeTarget, contributeRecord
    case contributeRows, contributeSummary, needsAttention, whatHappened, movements
    case contributions, helpHere, helpEverywhere
    // Names of fields.
    case why, asks, purpose, who, linked, limits, ethics, collected, until, earns, earnsLimited,
        earnsNothingYet
    case seats, revoking
    case version, source, kinds, project, reason, nextStep, when, what, value, rows, dates
    case careful, imported, granted, used, leaves, stays, entry, entryID, rootHash, recorded
    case whyAllowed, grantEntry, sealedSize, availableFrom, code, nodeAddress, passphrase
    case witnesses
    // States.
    case required, optional, inForce, paused, revoked, expired, projectEnded, reconsentDue
    case revocationPending, pausePending, resumePending, grantPending, onItsWay, closed, joined
    case joining, leaving, youTakePart, orderReward, orderNewest, orderTitle
    case handedOver, reviewAccepted, reviewWaiting, optionalKinds, uploaded, onThisMachine
    case countInForce, available
    case waitingPoints, inMonth, earnedByMonth, becameAvailable, takenBack, waitingForUse
    case waitingForSet, earnedByUse, earnedBySet, noReward, rewardPerSet, rewardPerUse, rewardCap
    case untilProjectEnds, untilYear, untilHalfYear, untilQuarter, untilMonth, nothingStruck
    case noRowsHere, textSample, mutedSample, studyTeam, allowedSince, usedTimes, useAndErase
    // Authorizations, points and uses of one's own.
    case extend, shareLess, agreements, whoUsed, whyPoints, byProject, openEntry, calendar
    case nextShelf, formerShelf, onlyThisProject, allProjects, formerMonth, nextMonth, thisMonth
    case confirmExtend, confirmNarrow, nothingInForce, agreeAnewFirst, notAmongNotices
    case extendTitle, narrowTitle, agreementsTitle, byProjectTitle, reasonTitle, calendarTitle
    case usesTitle, allEntries, usesShelf, decisionsShelf, refusalsShelf, showing
    case soFar, comesFrom, entryOn, fingerprint, erased, monthMore, quarterMore, halfYearMore
    case yearMore, agreedVersion, agreedScope, replaced, leftProject, disputed, sinceBefore
    case whatWasShown, inEnglish, inChinese, noPointsShort, nothingEarnedYet, earnedIn, onlyAbout
    case showCode, codeTitle, showIDs, hideIDs, deviceID, pathHashes, rewards, rewardsTitle,
        redeemTitle, giveUpTitle
    case confirmRedeem, confirmGiveUp, askedFor, price, youHave
    case appeal, appealTitle, confirmAppeal, nothingToAppeal
    case daysLeft, lessThanADay, noTimeLeft, useCount, deniedCount
    // Counted things.
    case rowCount, recordCount, timesCount, once, rowsLeaveStay, namingRows, namingRowsLeave
    case quitWaiting
    // Plain mode.
    case ticked, notTicked, notAvailable, plainOK, plainNo, plainType, pointsWord
    // Finding, comparing and fitting projects.
    case filter, clearFilters, saveFilter, deleteFilter, changes, compare, earlierVersion
    case laterVersion, aboutMe, keepProfile, programme
    // Settings.
    case settingsTitle, settingLabel, settingSelection, settingMotion, settingAmbiguous
    case settingMouse, settingDigits, settingLock, settingNode, settingDevices, settingOn
    case settingOff, selectionBar, selectionMarker, motionReduced, motionShown, cellCount
    case digitsCount, digitsPlaces, lockNever, lockAfter, lockNow, lockCountdown, keysUnchanged
    case keysChanged, deviceCount, changeIt, rereadFiles, configFile, keysFile, ledgerName
    case ledgerKey, lastVerified, nothingYet, entryCount, removedOn, addedOn, thisDevice
    case addDevice, confirmAddition
    case removeDevice, removeDeviceTitle, confirmRemoval, removedAlready, copy, copyID
    // Minors.
    case actFor, addWard, confirmWard, didDeclareWard, didEnrolWard, didHandOver, didOutgrow
    case notForWard
    // What was made from records.
    case didDerive, derived, derivedFrom, derivedCount
    // Results.
    case didLapse, didReportLapse, didConfirmLapse, lapsed
    case results, confirmWish, didWishResults, didReturnResult
    // Work.
    case work, inBackground, stopWork, checkCopy
    // Rows.
    case sorts, undoStrike, oneSortOnly
    // What entries say.
    case didInstitution, didEnrol, didAddDevice, didRemoveDevice, didPublish, didAmend, didClose
    case didFund, didEscrow, didSignUp, didLeave, didGrant, didPause, didResume, didRevoke
    case didExpire, didContribute, didAccept, didReject, didReview, didUse, didDeny, didAccrue
    case didVest, didVoid, didRuleSplit, didPaySplit, didReturnEscrow, didRuleProgramme
    case didOfferReward, didWithdrawReward, didReserve, didRedeem, didCancelReservation
    case didMissReward, didTimeOutReservation, didNoticeExpiry, didExpirePoints
    case didProposeTaking, didProposeGivingBack, didCorrect, didAppeal, didFileApproval, didEndorse
    case didTerminate, didInvalidate, didAppealReview, didErase, didAttest, neverValid
    // Consent.
    case goOn, readTerms, answer, discardDraft, answerOne, answerTwo, answerThree, answerFour
    case signUpAndAuthorize, stopAsking, settingSecret, settingPassphrase, outcomeStop
    case keyring, bindKeyring, unbindKeyring
    case outcomeErase, outcomeKeep
    case undo, nothingToUndo, startTour, nextHint, noMoreHints
    // What moved points.
    case setAside, redeemed, setAsideNoMore, ranOut, corrected
}
