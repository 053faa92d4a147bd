import { limits, parseDecimal } from '#varve';

/**
 * Every limit of the shop, its unit last in its name (P10). They keep what read tables add up inside a 32-bit whole number and a
 * decimal. Past one: `InvalidInput`.
 */
export const shopLimits = {
  /** Characters of a user's name, e-mail address and country, of a product's name, of a payment's name and of why an order is cancelled. */
  usernameLengthMax: 100,
  emailLengthMax: 254,
  countryLengthMax: 100,
  productNameLengthMax: 200,
  paymentReferenceLengthMax: 200,
  reasonLengthMax: 500,
  /** The price of one unit. */
  unitPriceMax: parseDecimal('1000000'),
  /** Units of one product that ever came in: neither its stock nor its units sold can be more. */
  productUnitsMax: 2 ** 31 - 1,
  /** Lines of one order. */
  orderLinesMax: 2_000,
  /** Units of one order, and so of one line. */
  orderUnitsMax: 1_000_000,
  /** What one order comes to. */
  orderTotalMax: parseDecimal('10000000'),
  /** Orders of one day, and of one user, without cancelled ones: how many, their units, and what they come to. */
  totalOrdersMax: 2 ** 31 - 1,
  totalUnitsMax: 2 ** 31 - 1,
  totalAmountMax: parseDecimal('900719925474.0991'),
  /** JSON of an order's lines: the rest of the event, and the longer text of its prices, must still fit beside it. */
  orderLinesJsonBytesMax: limits.eventDataBytesMax - 16 * 1024,
} as const;
