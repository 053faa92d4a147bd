import { importLimits } from './limits.ts';

/** The columns of the UCI Online Retail format; a file may have them in any order, and more. */
export const columns = ['InvoiceNo', 'StockCode', 'Description', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID', 'Country'] as const;

/** One of {@link columns}. */
export type Column = (typeof columns)[number];

/** One row's text by column. */
export type Fields = Readonly<Record<Column, string>>;

/** Why a row is left out, and what that means to the operator. */
export const reasons = {
  BROKEN_CSV: 'wrong number of columns, or quotes that do not match',
  BAD_ENCODING: 'bytes that are not UTF-8',
  NO_INVOICE: 'no invoice number',
  NO_SKU: 'no stock code',
  BAD_ID: `an invoice number or stock code with control characters or over ${importLimits.idLengthMax} characters`,
  NO_PRICE: 'a unit price of zero, or none',
  BAD_PRICE: 'a unit price that is negative, no number, or has more than 4 fraction digits',
  ZERO_QUANTITY: 'a quantity of zero',
  BAD_QUANTITY: 'a quantity that is missing, no whole number, or too large',
  NEGATIVE_QUANTITY: 'a negative quantity on an invoice that is no return (no C)',
  POSITIVE_QUANTITY_IN_RETURN: 'a positive quantity on a return (C)',
  BAD_DATE: 'a date that is not YYYY-MM-DD HH:MM:SS',
  BAD_CUSTOMER: 'a customer number that is no whole number',
  OTHER_CUSTOMER: 'another customer than the invoice’s first row',
} as const;

/** A key of {@link reasons}. */
export type Reason = keyof typeof reasons;

/** A row that makes sense. */
export interface SaleRow {
  readonly invoice: string;
  /** The invoice takes goods back. */
  readonly returned: boolean;
  /** As the file has it: `85123a` and `85123A` are two products. */
  readonly sku: string;
  /** Empty where the file says nothing. */
  readonly description: string;
  /** Units, at least 1, of a return too. */
  readonly quantity: number;
  /** Decimal text, GBP. */
  readonly price: string;
  /** RFC 3339; the file's time is taken as UTC. */
  readonly date: string;
  readonly userId: string;
  /** Empty where the file says nothing, and for guests, who are many people. */
  readonly country: string;
}

/** Who ordered where the file names no customer. */
const guest = 'guest';

/** In this order: a row with several faults counts under the first. */
const checks: readonly (readonly [Reason, (fields: Fields) => boolean])[] = [
  ['BAD_ENCODING', (fields) => columns.some((column) => fields[column].includes('\uFFFD'))],
  ['NO_INVOICE', ({ InvoiceNo }) => InvoiceNo.trim() === ''],
  ['NO_SKU', ({ StockCode }) => StockCode.trim() === ''],
  ['BAD_ID', ({ InvoiceNo, StockCode }) => !isId(InvoiceNo) || !isId(StockCode)],
  ['NO_PRICE', ({ UnitPrice }) => /^0*(\.0+)?$/.test(UnitPrice.trim())],
  ['BAD_PRICE', ({ UnitPrice }) => !/^(0|[1-9]\d{0,10})(\.\d{1,4})?$/.test(UnitPrice.trim())],
  ['ZERO_QUANTITY', ({ Quantity }) => /^-?0+$/.test(Quantity.trim())],
  ['BAD_QUANTITY', ({ Quantity }) => !/^-?\d{1,10}$/.test(Quantity.trim()) || units(Quantity) > importLimits.unitsMax],
  ['NEGATIVE_QUANTITY', (fields) => !isReturn(fields) && Number(fields.Quantity) < 0],
  ['POSITIVE_QUANTITY_IN_RETURN', (fields) => isReturn(fields) && Number(fields.Quantity) > 0],
  ['BAD_DATE', ({ InvoiceDate }) => utc(InvoiceDate) === undefined],
  ['BAD_CUSTOMER', ({ CustomerID }) => !/^(\d{1,20}(\.0+)?)?$/.test(CustomerID.trim())],
];

const isId = (text: string) => text.length <= importLimits.idLengthMax && !/\p{Cc}/u.test(text);
const isReturn = ({ InvoiceNo }: Fields) => InvoiceNo.startsWith('C');
const units = (quantity: string) => Math.abs(Number(quantity));
const plain = (text: string) => text.replace(/\p{Cc}+/gu, ' ').trim();

/** "2010-12-01 08:26:00" → "2010-12-01T08:26:00.000Z"; undefined for what is no such moment, 30 February included. */
function utc(text: string): string | undefined {
  const iso = `${text.trim().replace(' ', 'T')}.000Z`;
  const date = new Date(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/.test(iso) ? iso : Number.NaN);
  return !Number.isNaN(date.getTime()) && date.toISOString() === iso ? iso : undefined;
}

/** What a row says, or the first reason why it says nothing. */
export function readRow(fields: Fields): SaleRow | Reason {
  const fault = checks.find(([, fails]) => fails(fields));
  if (fault) return fault[0];
  const customer = fields.CustomerID.trim().replace(/\.0+$/, '');
  return {
    invoice: fields.InvoiceNo,
    returned: isReturn(fields),
    sku: fields.StockCode,
    description: plain(fields.Description),
    quantity: units(fields.Quantity),
    price: fields.UnitPrice.trim(),
    date: utc(fields.InvoiceDate) ?? '',
    userId: customer === '' ? guest : `customer-${customer}`,
    country: customer === '' ? '' : plain(fields.Country),
  };
}
