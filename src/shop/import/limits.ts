/** Every limit of the import, its unit last in its name (P10). */
export const importLimits = {
  /** A CSV file; a year of the shop has 45 MiB. */
  fileBytesMax: 256 * 1024 * 1024,
  /** Lines that one quoted field may span before its opening quote is held to be a slip. */
  recordLinesMax: 50,
  /** One row. */
  recordLengthMax: 64 * 1024,
  /** Unquoted lines that are given to the CSV library at a time. */
  chunkLinesMax: 1_000,
  /** A GraphQL Int: one quantity, and one product's stock. */
  unitsMax: 2 ** 31 - 1,
  /** An invoice number and a stock code. */
  idLengthMax: 100,
  /** Commands in flight. */
  concurrencyMax: 256,
  concurrencyDefault: 16,
  /** How often one command is tried before it counts as failed. */
  attemptsMax: 10,
  /** The wait before the second attempt; it doubles with each, up to the second figure. */
  backoffMs: 100,
  backoffMaxMs: 5_000,
  /** How long one attempt may take. */
  requestTimeoutMs: 30_000,
  /** Ids shown beside a refusal's code. */
  idsShownMax: 5,
  /** Line numbers shown beside a reason on a terminal. */
  linesShownMax: 12,
} as const;
