/**
 * Values that tests, documents and GraphiQL's first tab share, as a client sends them. Their ids are none that a shop's file of orders has:
 * who took the tour can still import one, and nothing of it is refused.
 */
export const examples = {
  ada: { userId: 'ada', username: 'Ada', email: 'ada@example.com', country: 'United Kingdom' },
  lantern: { sku: 'example-a', name: 'White metal lantern', price: '3.39', stock: 20 },
  heart: { sku: 'example-b', name: 'White hanging heart', price: '2.55', stock: 100 },
  order: {
    orderId: 'my-order',
    userId: 'ada',
    lines: [
      { sku: 'example-a', quantity: 6 },
      { sku: 'example-b', quantity: 12, unitPrice: '2.50' },
    ],
    placedAt: '2010-12-01T08:26:00Z',
  },
} as const;
