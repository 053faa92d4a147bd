const whole = new Intl.NumberFormat('en-GB');
const money = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 4 });
const short = new Intl.NumberFormat('en-GB', { notation: 'compact' });
const long = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const brief = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** How values are written. Each function takes the value as the shop gives it; decimals stay text, so that no digit of them is lost. */
export const words = {
  count: (number) => whole.format(number),
  money: (decimal) => money.format(decimal),
  /** For an axis: 20k. */
  axis: (number) => short.format(number),
  /** Wed, 1 Dec 2010 */
  day: (day) => long.format(new Date(day)),
  /** 1 Dec */
  dayShort: (day) => brief.format(new Date(day)),
};
