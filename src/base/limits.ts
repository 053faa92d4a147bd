/**
 * Every limit, its unit last in its name (P10). Past one of them: a clear error, never a slow death.
 * docs/limits.md says what happens at each.
 */
export const limits = {
  /** Events that one command may leave. */
  eventsPerCommandMax: 1_000,
  /** JSON of one event's data. */
  eventDataBytesMax: 256 * 1024,
  /** Rows that one command may change. */
  rowsPerCommandMax: 100_000,
  /** How long a command's domain code may stand still, in a server; beyond it that command alone is given up. 0: for ever. */
  commandTimeMaxMs: 1_000,
  /** Receipts that are looked at in one transaction, where old ones are forgotten. */
  receiptsForgottenMax: 1_000,
  /** How often old receipts are forgotten, where they are not kept for ever; and at each start. */
  receiptsForgottenEachMs: 3_600_000,
  /** Commands decided together in one transaction. */
  batchCommandsMax: 256,
  /** Events of other processes that a writer takes in at once; of more of them it forgets what it remembers, and live streams read them from the log. */
  othersEventsMax: 2_000,
  /** Events that are read at once for all states that a batch is going to fold, where the store is far away; of more, each is read when it is its turn. */
  eventsExpectedMax: 10_000,
  /** Causes of a fault, and causes of causes, that are told of it where it crosses from the writer's thread. */
  causesMax: 8,
  /** Commands waiting to be decided; more are told to come back. */
  queueCommandsMax: 10_000,
  /** Folded states kept in memory, by count and by estimated size. */
  statesCachedMax: 100_000,
  statesCachedBytesMax: 24 * 1024 * 1024,
  /** Streams whose last version the writer keeps in memory. */
  versionsCachedMax: 50_000,
  /** Rows kept in memory by the writer, over all read tables, by count and by estimated size. */
  rowsCachedMax: 50_000,
  rowsCachedBytesMax: 24 * 1024 * 1024,
  /** Rows kept in memory by a rebuild, over all that it fills, by estimated size: beyond it, those that were not touched for longest are written. */
  rebuildRowsBytesMax: 64 * 1024 * 1024,
  /** What a rebuild beside a running server takes: of the time in which the log can be written to, in events of one transaction, in rows held in memory. */
  rebuildBesidePercentMax: 30,
  rebuildBesideEventsMax: 250,
  rebuildBesideRowsBytesMax: 1024 * 1024,
  /** How long a rebuild begins a transaction anew where the log is busy or read tables are read, and how long it rests in between. */
  rebuildBusyWaitMs: 60_000,
  rebuildBusyPauseMs: 500,
  /** How often a server looks, where no command comes, whether another process has rebuilt read tables. */
  rebuiltLookMs: 1_000,
  /** Positions of the log that the journal of row changes reaches back at least: as far back, live streams can go on. */
  journalPositionsMax: 100_000,
  /** An id: of an aggregate, a command, an event. */
  idLengthMax: 200,
  /** How long a reaction's answer to one event may take; then its signal is aborted, and it counts as failed. */
  reactionTimeMaxMs: 30_000,
  /** How long a reaction waits after its first failure at an event; it doubles with each, up to the second figure. */
  reactionPauseMs: 1_000,
  reactionPauseMaxMs: 300_000,
  /** How often a reaction looks by itself whether it has come further than it has noted, and whether somebody has had it pass over an event. */
  reactionLookMs: 1_000,
  /** How long after a commit reactions are woken, all commits of that time together. */
  reactionWakeMs: 10,
  /** How long a stopping server waits for answers of reactions that are under way, before it aborts them. */
  reactionStopWaitMs: 2_000,
  /** How long a process that says nothing keeps the lease of a reaction; then another one takes it. It is renewed each third of that. */
  reactionLeaseMs: 5_000,
  /** What the notes of reactions take of the time in which the log can be written to. */
  reactionNotesPercentMax: 30,
  /** Events read from the log at a time, where the whole log is folded. */
  readEventsMax: 1_000,
  /** Newest events that start decodes, to see that this version understands them. */
  startCheckEventsMax: 10_000,
  /** One line of an exported log. */
  importLineBytesMax: 4 * 1024 * 1024,
  /** Lines of an exported log, and their length, that an import stores in one transaction. */
  importBatchLinesMax: 5_000,
  importBatchLengthMax: 8 * 1024 * 1024,
  /** A database file up to this size is checked in full by SQLite at start. */
  startCheckBytesMax: 64 * 1024 * 1024,
  /** Findings of one kind that `varve verify` and `varve check` keep and show; all are counted. */
  findingsShownMax: 20,
  /** A value of a row that a finding shows: where it differs, not all of it. */
  findingValueLengthMax: 200,

  /** Rows of one page, and of one page that does not say. */
  pageRowsMax: 200,
  pageRowsDefault: 20,
  /** JSON of a list that is read with its row where a query asks for it; a longer one is read by itself, when it is its turn. */
  listBesideBytesMax: 4 * 1024,
  /** Ids of one `nodes` query. */
  nodesMax: 200,
  /** Read snapshots out at a time, and requests waiting for one. */
  snapshotsMax: 4,
  snapshotsWaitingMax: 10_000,
  /** How long a read waits for its snapshot. */
  snapshotWaitMs: 5_000,
  /** How often a replica is looked at by who waits for it. */
  replicaLookMs: 10,
  /** How long a read may keep its snapshot: meanwhile the write-ahead log cannot be cut back. */
  snapshotHoldMs: 10_000,
  /** How long a swap of read tables in PostgreSQL waits for those who read, and keeps others waiting; then it lets them through, and tries again. */
  swapTryMs: 100,
  /** How long it goes on with that in one transaction, in which nobody else writes; then others write, and it begins anew. */
  swapHoldMs: 1_000,
  /** Prepared statements kept by one connection (and, by the writer, for one read table). */
  statementsCachedMax: 200,
  /** Rows that one statement writes to PostgreSQL; of more, several are sent. */
  statementRowsMax: 5_000,
  /** Names in one filter's list. */
  filterListMax: 100,
  /** A search text. */
  searchLengthMax: 200,

  /** Memory that each connection to a database keeps pages in. */
  pageCacheKiB: 16 * 1024,
  /** Pages of the write-ahead log after which a commit moves them into the database file. */
  checkpointPages: 4_000,
  /** The write-ahead log's file, beyond which a commit is followed by cutting it back to nothing, as soon as nobody reads in it. */
  walBytesMax: 64 * 1024 * 1024,
  /** How long cutting it back waits for those who read, and how long after a try that did not succeed the next one comes. */
  walCutWaitMs: 100,
  walCutPauseMs: 1_000,

  /** How long a command's transaction waits for PostgreSQL's lock on the log, which another process holds. */
  lockTimeoutMs: 5_000,
  /** How long a process may hold that lock and say nothing: then PostgreSQL ends its transaction. Less than others wait for it. */
  lockHoldMs: 4_000,
  /** How long one address of a PostgreSQL server is tried. */
  connectWaitMs: 5_000,
  /** How long PostgreSQL may leave a connection without an answer that is due: then the connection is given up. More than a lock is waited for. */
  storeAnswerWaitMs: 20_000,
  /** The same for one that an operator's command goes through whole tables by. */
  lookAnswerWaitMs: 600_000,
  /** How long a quiet connection to PostgreSQL stays unproved, before the network is asked whether its other end is there. */
  keepAliveMs: 5_000,
  /** Connections of one process to PostgreSQL for reads, beside the one that writes. */
  storeReadersMax: 8,
  /** Text that is sent to PostgreSQL in one statement. */
  storeStatementLengthMax: 8 * 1024 * 1024,
  /** A tag, or another name by which PostgreSQL is to find something: it takes no longer ones into an index. */
  indexedTextBytesMax: 2_500,
  /** How long a start waits for another one that brings the log's tables up to date. */
  migrationWaitMs: 60_000,
  /** How often the head of a log on PostgreSQL is read where no word came of what other processes wrote. */
  followPollMs: 1_000,
  /** Pauses between tries to listen to PostgreSQL again: the first, and the longest, each twice the one before. */
  followPauseMs: 50,
  followPauseMaxMs: 2_000,

  /** An HTTP body. */
  bodyBytesMax: 1024 * 1024,
  /** Objects and lists within one another in a body's JSON, where it has some kB. */
  bodyNestingMax: 200,
  /** An HTTP request's line and headers: a GET carries its document there, percent-encoded. */
  headersBytesMax: 64 * 1024,
  /** How long a request's headers, and the whole of it, may take to arrive. */
  headersWaitMs: 10_000,
  requestWaitMs: 30_000,
  /** How long an idle connection is kept: longer than a proxy's usual 60 s, so that the proxy closes first. */
  connectionIdleMs: 65_000,
  /** How long the rest of a refused body is read and thrown away, so that its sender gets to read the answer. */
  refusedBodyWaitMs: 1_000,
  /** A GraphQL document. */
  documentLengthMax: 15_000,
  documentTokensMax: 3_000,
  /** Fields within fields, fragments followed. */
  documentDepthMax: 15,
  /** Fields, fragments followed. */
  documentFieldsMax: 2_000,
  /** Fields times the rows that their pages may have: what an answer may come to. */
  documentCostMax: 50_000,
  /** Entries that a list in a row is assumed to have, where what an answer may come to is worked out before it is read. */
  listEntriesAssumed: 10,
  /** Fields that an answer may really come to, rows and lists as long as they are found; 25 characters of an event's data count as one. */
  answerFieldsMax: 200_000,
  /** Errors of one document, and of one operation's variables: the more there are, the less each helps. */
  errorsMax: 20,
  variableErrorsMax: 5,
  /** One error's message, which may repeat what it refuses. */
  errorLengthMax: 1_000,
  /** Brackets within brackets, values included. */
  documentNestingMax: 60,
  /** Pairs of fields under one name, and of fragments, that validation would compare. */
  documentPairsMax: 20_000,
  /** Parsed and validated documents kept, by count and by tokens (about 120 bytes each). */
  documentsCachedMax: 1_000,
  documentsCachedTokensMax: 300_000,
  /** What was wrong with documents, kept for when they come again. */
  documentFaultsCachedMax: 100,
  /** `Accept` headers kept with what they come to, and their length: a longer one is nobody's habit. */
  acceptsCachedMax: 100,
  acceptsCachedLengthMax: 200,
  /** Fields of compiled operations kept, a field of several types counted as often (about 1,200 bytes each). */
  compiledFieldsMax: 30_000,
  /** Plans of one operation: `@skip` and `@include` make one of each choice of their variables; of more of them, none is kept. */
  documentPlansMax: 8,

  /** How long a request waits for `varve-at-least`. */
  atLeastWaitMs: 5_000,
  /** How long `/health` waits for a database to answer. */
  healthWaitMs: 1_000,
  /** How long a stopping server lets requests under way finish. */
  shutdownWaitMs: 10_000,
  /** How long the reader of a live stream may take to take its last words; then it is cut off, and goes on elsewhere. */
  lastWordsWaitMs: 500,
  /** How long a stopping server then still answers what comes on open connections, in words, before it closes them. */
  shutdownRefuseMs: 100,

  /** Changes that a live stream reads from the journal at a time. */
  journalPageChangesMax: 500,
  /** Messages, and bytes of JSON, that are kept for the slowest reader of a live stream; further behind, it gets RESYNC. */
  backlogMessagesMax: 1_000,
  backlogBytesMax: 4 * 1024 * 1024,
  /** The same for all live streams of one process together. */
  backlogAllBytesMax: 64 * 1024 * 1024,
  /** Bytes of JSON after which what is written to one reader of a live stream at once is enough. */
  streamRunBytesMax: 64 * 1024,
  /** What is handed to one WebSocket before it is waited for. */
  socketBufferedBytesMax: 64 * 1024,
  /** Heartbeats that a WebSocket's client may take nothing of what waits for it. */
  stalledBeatsMax: 10,
  /** WebSockets of one process, and operations under way on one of them, live streams included. */
  socketsMax: 20_000,
  streamsPerSocketMax: 100,
  /** One frame that a WebSocket's client sends. */
  frameBytesMax: 1024 * 1024,
  /** How long a WebSocket's client may take to say `connection_init`, and how much it may say with it. */
  handshakeWaitMs: 3_000,
  handshakeLengthMax: 16 * 1024,
  /** Live streams of one process. */
  streamsMax: 20_000,
  /** A quiet live stream says something at least this often. */
  heartbeatMs: 12_000,
} as const;
