/** Values that tests, documents and GraphiQL's first tab share, as a client sends them. */
export const examples = {
  ada: { userId: 'ada', username: 'Ada', email: 'ada@example.com', country: 'United Kingdom' },
  lantern: { sku: '71053', name: 'White metal lantern', price: '3.39', stock: 20 },
  heart: { sku: '85123A', name: 'White hanging heart', price: '2.55', stock: 100 },
  order: {
    orderId: '536365',
    userId: 'ada',
    lines: [
      { sku: '71053', quantity: 6 },
      { sku: '85123A', quantity: 12, unitPrice: '2.50' },
    ],
    placedAt: '2010-12-01T08:26:00Z',
  },
} as const;
