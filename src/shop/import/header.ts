import { VarveError } from '#varve';
import type { CsvRecord } from './csv.ts';
import { type Column, columns, type Fields } from './row.ts';

/** How a file's records become fields by column, as its header says. Throws `BAD_HEADER` where that lacks a column. */
export function readHeader(header: CsvRecord | undefined): (values: readonly string[]) => Fields {
  const names = header?.fields?.map((name) => name.trim()) ?? [];
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    throw new VarveError({
      code: 'BAD_HEADER',
      message: `The file's first line lacks the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}.`,
      hint: `Give a CSV file, separated by commas, whose first line is: ${columns.join(',')}`,
    });
  }
  const places = new Map(columns.map((column) => [column, names.indexOf(column)]));
  return (values) => {
    const at = (column: Column) => values[places.get(column) ?? -1] ?? '';
    return {
      InvoiceNo: at('InvoiceNo'),
      StockCode: at('StockCode'),
      Description: at('Description'),
      Quantity: at('Quantity'),
      InvoiceDate: at('InvoiceDate'),
      UnitPrice: at('UnitPrice'),
      CustomerID: at('CustomerID'),
      Country: at('Country'),
    };
  };
}
