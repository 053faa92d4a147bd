import { fingerprint, limits } from '#varve';
import { type Plan, type PlannedOrder, type PlannedProduct, type PlannedRestock, type PlannedUser, stockNeeded } from './plan.ts';

const mutation = (field: string, input: string) => `mutation Import($input: ${input}!, $options: CommandOptions) {
  result: ${field}(input: $input, options: $options) {
    __typename
    ... on Accepted { position replayed }
    ... on Rejection { code message }
  }
}`;

/** The GraphQL documents that an import sends; every one answers under `result`. */
export const documents = {
  addProduct: mutation('addProduct', 'AddProductInput'),
  registerUser: mutation('registerUser', 'RegisterUserInput'),
  placeOrder: mutation('placeOrder', 'PlaceOrderInput'),
  restockProduct: mutation('restockProduct', 'RestockProductInput'),
} as const;

/** One mutation to send. Its id comes from the data, so that sending it again changes nothing. */
export interface ImportCommand {
  readonly mutation: keyof typeof documents;
  readonly commandId: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** A rejection (by its GraphQL type) that says "that is here already", and what is to be sent then. */
  readonly exists?: { readonly rejection: string; readonly instead?: ImportCommand };
}

/** All commands of a plan, in two stages: those of the second stand on those of the first. Within each the file's order. */
export function commandsOf({ products, users, orders, restocks }: Plan): readonly (readonly ImportCommand[])[] {
  const movements = [
    ...orders.map((order) => ({ line: order.line, command: placeOrder(order) })),
    ...restocks.map((restock) => ({ line: restock.line, command: restockReturned(restock) })),
  ];
  return [
    [...products.map(addProduct), ...users.map(registerUser)],
    movements.sort((a, b) => a.line - b.line).map(({ command }) => command),
  ];
}

/**
 * Where another file brought the product, this file's need is added to its stock. The command's id names what is needed by which
 * invoices: two files that happen to need equally much are two commands, and the same file again is the same.
 */
function addProduct(product: PlannedProduct): ImportCommand {
  const { sku, price, needs } = product;
  const input = { sku, name: product.description || sku, price, stock: stockNeeded(product) };
  const mark = fingerprint(JSON.stringify([input, needs]));
  const restock: ImportCommand = { mutation: 'restockProduct', commandId: idOf('stock', sku, mark), input: { sku, quantity: input.stock } };
  const exists = input.stock > 0 ? { rejection: 'ProductExists', instead: restock } : { rejection: 'ProductExists' };
  return { mutation: 'addProduct', commandId: idOf('product', sku, mark), input, exists };
}

function registerUser({ userId, country }: PlannedUser): ImportCommand {
  const input = { userId, username: userId, ...(country === '' ? {} : { country }) };
  const commandId = idOf('user', userId, fingerprint(JSON.stringify(input)));
  return { mutation: 'registerUser', commandId, input, exists: { rejection: 'UsernameTaken' } };
}

function placeOrder({ orderId, userId, placedAt, lines }: PlannedOrder): ImportCommand {
  return { mutation: 'placeOrder', commandId: idOf('order', orderId), input: { orderId, userId, placedAt, lines } };
}

function restockReturned({ invoice, sku, quantity, ordinal }: PlannedRestock): ImportCommand {
  return { mutation: 'restockProduct', commandId: idOf('restock', invoice, sku, String(ordinal)), input: { sku, quantity } };
}

/** `import-restock-C536379/85123A/1`. Parts are escaped, so that no two lists of them make one id. */
function idOf(kind: string, ...parts: readonly string[]): string {
  const id = `import-${kind}-${parts.map(encodeURIComponent).join('/')}`;
  return id.length <= limits.idLengthMax ? id : `import-${kind}-${fingerprint(id)}`;
}
