/**
 * Which test crosses each limit: docs/limits.md names it, and docs/limits.test.ts holds that every limit has one and that it is there. Where what stands is
 * too far away for a test, the test crosses a nearer one in its place, by the same way.
 */
import type { Crossings } from './limits.ts';

/** Names of limits, by the test's file and words of its title. */
type Crossed = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const byLimit = (crossed: Crossed): Crossings =>
  Object.fromEntries(
    Object.entries(crossed).flatMap(([file, tests]) =>
      Object.entries(tests).flatMap(([words, names]) => names.map((name) => [name, { file, words }])),
    ),
  );

const framework: Crossed = {
  'src/command/dispatcher.test.ts': {
    'that gives too many events fails alone': ['eventsPerCommandMax'],
    'is worked off by so many commands a transaction': ['batchCommandsMax'],
    'is bounded: what comes on top is told to come back': ['queueCommandsMax'],
  },
  'src/command/states.test.ts': {
    'so many states are remembered, and so much of them': ['statesCachedMax', 'statesCachedBytesMax'],
  },
  'src/command/crossing.test.ts': { 'a fault crosses with its causes, so many of them': ['causesMax'] },
  'src/command/others.test.ts': { 'of more than is taken in at once': ['othersEventsMax'] },
  'src/readtable/replica.test.ts': { 'by who needs all that is known, when it has that': ['replicaLookMs'] },
  'src/readtable/postgres/rows.test.ts': { 'writes more rows than one statement takes': ['statementRowsMax'] },
  'src/readtable/postgres/snapshots.test.ts': { 'lets others read while it waits for one who is slow': ['swapTryMs'] },
  'src/event/event.test.ts': { 'that does not fit its own shape, or is too large, is a bug of its decider': ['eventDataBytesMax'] },
  'src/projector/projector.test.ts': { 'is stopped, says so, and leaves its neighbours alone': ['rowsPerCommandMax'] },
  'src/projector/remembered.test.ts': { 'so many rows are remembered, and so much of them': ['rowsCachedMax', 'rowsCachedBytesMax'] },
  'src/projector/rebuild.test.ts': { 'rows are held in memory up to a bound': ['rebuildRowsBytesMax'] },
  'src/shell/reach.test.ts': { 'what does not answer in time counts as away': ['healthWaitMs'] },
  'src/shell/patiently.test.ts': {
    'is tried again after a while, for a while': ['rebuildBusyWaitMs', 'rebuildBusyPauseMs'],
  },
  'src/shell/versions.test.ts': { 'waits for those who read for long, and lets others write meanwhile': ['swapHoldMs'] },
  'src/shell/standstill.test.ts': { 'never ends fails alone': ['commandTimeMaxMs'] },
  'src/shell/retention.test.ts': { 'a command is known for as long as was said, and then takes effect again': ['receiptsForgottenEachMs'] },
  'src/shell/limits.test.ts': {
    'a rebuild beside a server takes so many events a transaction': [
      'rebuildBesidePercentMax',
      'rebuildBesideEventsMax',
      'rebuildBesideRowsBytesMax',
    ],
    'that another process has rebuilt a table is seen in time, where no command comes': ['rebuiltLookMs'],
    'start decodes the newest events alone': ['startCheckEventsMax'],
  },
  'src/reaction/reactor.test.ts': {
    'is aborted and counts as failed': ['reactionTimeMaxMs'],
    'is tried again with growing pauses': ['reactionPauseMs'],
    'the pauses are bounded': ['reactionPauseMaxMs'],
    'each second what was passed over, not more often': ['reactionLookMs'],
    'closed, what takes too long is aborted and not noted': ['reactionStopWaitMs'],
  },
  'src/reaction/notes.test.ts': { 'one process has a lease at a time: for as long as it keeps it': ['reactionLeaseMs'] },
  'src/reaction/sqlite.test.ts': { 'then leave the log to others for longer than it took': ['reactionNotesPercentMax'] },
  'src/shell/reacting.test.ts': { 'a commit wakes them': ['reactionWakeMs'] },
  'src/eventstore/forgetting.test.ts': { 'many are forgotten a page a transaction': ['receiptsForgottenMax'] },
  'src/eventstore/contract.ts': { 'gives a page where no limit is said': ['readEventsMax'] },
  'src/eventstore/exchange/bytes.test.ts': { 'a line has as many bytes as it may have, and no more': ['importLineBytesMax'] },
  'src/eventstore/exchange/importing.test.ts': {
    'stores as many lines at a time as it may': ['importBatchLinesMax'],
    'stores as much at a time as it may, however few lines that is': ['importBatchLengthMax'],
  },
  'src/eventstore/sqlite/limits.test.ts': {
    'the last versions of so many streams are remembered': ['versionsCachedMax'],
    'of a file that is too large for it, start looks at the newest events alone': ['startCheckBytesMax'],
  },
  'src/eventstore/postgres/faults.test.ts': {
    'that waits for too long is told that the log is busy': ['lockTimeoutMs'],
    'that is held for too long is ended': ['lockHoldMs'],
    'is given up where the network is silent': ['storeAnswerWaitMs', 'connectWaitMs'],
  },
  'src/eventstore/postgres/limits.test.ts': {
    'those are read ahead that are not more than may be': ['eventsExpectedMax'],
    'so much is sent in one statement': ['storeStatementLengthMax'],
    'a start waits so long for another one that makes the log': ['migrationWaitMs'],
    'a quiet connection is proved after so long': ['keepAliveMs'],
    'an operator waits longer for an answer, and not for ever': ['lookAnswerWaitMs'],
  },
  'src/eventstore/postgres/moments.test.ts': { 'wait for one another where all connections are out': ['storeReadersMax'] },
  'src/eventstore/postgres/follow.test.ts': {
    'finds by itself what no word came of': ['followPollMs'],
    'is tried again after pauses': ['followPauseMs', 'followPauseMaxMs'],
  },
  'src/eventstore/postgres/storable.test.ts': { 'is refused before anything is sent': ['indexedTextBytesMax'] },
  'src/eventstore/sqlite/file.test.ts': { 'has so much memory for its pages, on each connection': ['pageCacheKiB'] },
  'src/eventstore/sqlite/checkpoints.test.ts': {
    'so many pages of the write-ahead log are moved into the file': ['checkpointPages'],
    'a write-ahead log past its bound is cut back when nobody reads in it any more': ['walBytesMax'],
    'cutting it back waits only so long for whoever reads, and is not tried again for a while': ['walCutWaitMs', 'walCutPauseMs'],
  },
  'e2e/journal.test.ts': { 'the journal reaches back as far as it is told': ['journalPositionsMax'] },
  'src/shop/input.test.ts': { 'an id of 201 characters': ['idLengthMax'] },
  'e2e/verify.test.ts': {
    'all is counted, and the first of each kind are told': ['findingsShownMax'],
    'has rows that differ, and is told of where they do': ['findingValueLengthMax'],
  },
  'src/schema/queries.test.ts': {
    'past a limit or senseless': ['pageRowsMax', 'nodesMax', 'filterListMax', 'searchLengthMax'],
    'a page that does not say has so many': ['pageRowsDefault'],
  },
  'src/schema/budget.test.ts': { 'a budget that is spent stays so': ['answerFieldsMax'] },
  'src/readtable/columns.contract.ts': { 'up to its limit, in bytes, and not beyond': ['listBesideBytesMax'] },
  'src/readtable/sqlite/limits.test.ts': {
    'so many snapshots are out, so many wait for one, and each for so long': [
      'snapshotsMax',
      'snapshotsWaitingMax',
      'snapshotWaitMs',
      'snapshotHoldMs',
    ],
    'so many statements are kept': ['statementsCachedMax'],
  },
  'src/server/guards.test.ts': {
    'refuses a body over its limit': ['bodyBytesMax'],
    'refuses a body that nests too deeply, before it is parsed': ['bodyNestingMax'],
  },
  'src/server/clienterrors.test.ts': { 'answers headers that are too long': ['headersBytesMax'] },
  'src/server/limits.test.ts': {
    'has so long for the headers of a request, and so long for all of it': ['headersWaitMs', 'requestWaitMs'],
    'that is idle is closed after a while': ['connectionIdleMs'],
    'whose body was refused is read from for so long': ['refusedBodyWaitMs'],
    'waits for a position for so long': ['atLeastWaitMs'],
    'becomes a WebSocket where there are not so many already': ['socketsMax'],
    'are kept so many, and so much of them': ['documentsCachedMax', 'documentsCachedTokensMax'],
    'that are wrong are kept so many, with what is wrong': ['documentFaultsCachedMax'],
    'so many accept headers are kept read, and none that is long': ['acceptsCachedMax', 'acceptsCachedLengthMax'],
    'are kept compiled so many, and so many fields of them': ['compiledFieldsMax'],
  },
  'e2e/badinput.test.ts': {
    'of 15,001 characters': ['documentLengthMax'],
    'of 3,001 tokens': ['documentTokensMax'],
    'for pages of pages': ['documentCostMax'],
    'with faults without end is answered with some of them, each cut short': ['errorsMax', 'variableErrorsMax', 'errorLengthMax'],
  },
  'src/server/document.test.ts': {
    'nests as deep as it may, and no deeper': ['documentDepthMax', 'documentNestingMax'],
    'asks for as many fields as it may, and no more': ['documentFieldsMax'],
    'has as many fields of one name as it may, and no more': ['documentPairsMax'],
    'counts a list that no page bounds as some entries': ['listEntriesAssumed'],
  },
  'src/server/execution.test.ts': { 'more choices of fields than have plans': ['documentPlansMax'] },
  'src/server/close.test.ts': {
    'waits for what is under way only so long': ['shutdownWaitMs'],
    'does not wait for a reader that reads nothing': ['lastWordsWaitMs'],
    'closes at once where nothing is under way': ['shutdownRefuseMs'],
  },
  'src/livestream/lagging.test.ts': { 'what is missed is read from the journal so many changes at a time': ['journalPageChangesMax'] },
  'src/livestream/tail.test.ts': {
    'for the slowest reader of a tail, and of more says RESYNC': ['backlogMessagesMax', 'backlogBytesMax'],
    'that is full lets go of what is kept for whoever lags most': ['backlogAllBytesMax'],
    'a reader that is full while it catches up holds nothing': ['streamRunBytesMax'],
  },
  'src/server/line.test.ts': { 'nothing is written into a full socket by streams that open on it': ['socketBufferedBytesMax'] },
  'src/server/pulse.test.ts': { 'a client that takes nothing is cut off': ['stalledBeatsMax'] },
  'src/server/websocket.test.ts': {
    'has room for so many operations, and says so to the next': ['streamsPerSocketMax'],
    'a frame that is too large': ['frameBytesMax'],
    'no handshake': ['handshakeWaitMs'],
    'a handshake that says too much': ['handshakeLengthMax'],
  },
  'src/server/stream.test.ts': {
    'is one of so many, and a place is free again when it ended': ['streamsMax'],
    'says while it is quiet how far it has come': ['heartbeatMs'],
  },
};

const shop: Crossed = {
  'src/shop/input.test.ts': {
    'a username of 101 characters': ['usernameLengthMax'],
    'an e-mail address of 255 characters': ['emailLengthMax'],
    'a country of 101 characters': ['countryLengthMax'],
    'a name of 201 characters': ['productNameLengthMax'],
    'a payment reference of 201 characters': ['paymentReferenceLengthMax'],
    'a reason of 501 characters': ['reasonLengthMax'],
    'a price above the limit': ['unitPriceMax'],
    '2,001 lines': ['orderLinesMax'],
    'too many units in all': ['orderUnitsMax'],
  },
  'src/shop/product/decider.test.ts': { 'keeps room for all units sold to come back': ['productUnitsMax'] },
  'src/shop/order/decider.test.ts': {
    'refuses what comes to more than an order may': ['orderTotalMax'],
    'places 2,000 lines, but not with texts too long for one event': ['orderLinesJsonBytesMax'],
  },
  'src/shop/order/totals.test.ts': {
    'no day and no user has more orders than the read table can count': ['totalOrdersMax'],
    'takes no more units than its read table can add up': ['totalUnitsMax'],
    'takes no more money than its read table can add up': ['totalAmountMax'],
  },
};

const importer: Crossed = {
  'src/shop/import/limits.test.ts': {
    'a file that is too large is refused before it is read': ['fileBytesMax'],
    'the CSV library is given so many lines at a time': ['chunkLinesMax'],
    'where nothing is said, so many commands are in flight': ['concurrencyDefault'],
    'an attempt that is not answered is given up after a while': ['requestTimeoutMs'],
    'the wait before an attempt doubles each time, up to a bound': ['backoffMs', 'backoffMaxMs'],
    'of rows that are left out so many lines are named on a terminal': ['linesShownMax'],
  },
  'src/shop/import/csv.test.ts': {
    'a quoted field spans as many lines as it may, and no more': ['recordLinesMax'],
    'a row that is too long is broken, with a quote in it or without': ['recordLengthMax'],
  },
  'src/shop/import/plan.test.ts': {
    'what would take a stock past a GraphQL Int is left out': ['unitsMax'],
    'is left out, its neighbours are not': ['idLengthMax'],
  },
  'src/shop/import/main.test.ts': { 'what the operator got wrong is said in a sentence with a hint': ['concurrencyMax'] },
  'src/shop/import/send.test.ts': {
    'a command that keeps failing is given up; the others go on': ['attemptsMax'],
    'refusals are counted by code, with the first ids': ['idsShownMax'],
  },
};

/** Of each file of limits, a test for each of them. */
export const crossings: Readonly<Record<string, Crossings>> = {
  'src/base/limits.ts': byLimit(framework),
  'src/shop/limits.ts': byLimit(shop),
  'src/shop/import/limits.ts': byLimit(importer),
};
