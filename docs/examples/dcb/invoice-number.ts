/**
 * Invoice numbers without a gap and without a double, which tax offices want and database sequences do not give: a sequence
 * skips a number whenever a transaction is undone. Here the next number is a decision over the last one (https://dcb.events/examples).
 */

import { z } from 'zod';
import { decider, events } from '#varve';

const InvoiceData = z.record(z.string(), z.json());

export const invoice = events(
  'invoice',
  { InvoiceCreated: z.object({ invoiceNumber: z.int().min(1), invoiceData: InvoiceData }) },
  { tags: { InvoiceCreated: ({ invoiceNumber }) => [`invoice:${invoiceNumber}`] } },
);

/**
 * The register of all invoices is one aggregate with one stream, for "the next number" is a rule over all of them. Its state
 * is one number: no invoice is ever read again to write the next one.
 */
const Register = decider(invoice)
  .starts(0)
  .evolves({ InvoiceCreated: (_, { invoiceNumber }) => invoiceNumber });

export const createInvoice = Register.command('createInvoice', {
  input: z.object({ invoiceData: InvoiceData }),
  // A second register, for another company or year, would be another id here, and would count for itself.
  stream: () => 'register',
  // Nothing is refused, so nothing can be skipped: two invoices at once are decided one after the other.
  decide: ({ invoiceData }, lastNumber) => invoice.InvoiceCreated({ invoiceNumber: lastNumber + 1, invoiceData }),
});
