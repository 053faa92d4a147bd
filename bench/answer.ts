/** What the peers answer: the mutation that Varve is asked, with nothing stored. The least schema that it is valid by. */
export const typeDefs = `
  scalar Decimal
  scalar Position
  input AddProductInput { sku: ID!, name: String!, price: Decimal!, stock: Int! = 0 }
  input CommandOptions { commandId: ID, expectedVersion: Int }
  type Product { sku: ID!, name: String!, price: Decimal!, stock: Int! }
  type ProductAccepted { position: Position!, replayed: Boolean!, product: Product! }
  type ProductExists { code: String!, message: String!, sku: ID! }
  union AddProductResult = ProductAccepted | ProductExists
  type Query { product(sku: ID!): Product }
  type Mutation { addProduct(input: AddProductInput!, options: CommandOptions): AddProductResult! }
`;

interface Asked {
  readonly input: { readonly sku: string; readonly stock: number };
}

let position = 0;

export const resolvers = {
  Mutation: {
    addProduct: (_: unknown, { input }: Asked) => {
      position += 1;
      return { __typename: 'ProductAccepted', position: String(position), replayed: false, product: input };
    },
  },
};

/** The body of that mutation; `#` stands for what no other has. */
export const mutation = JSON.stringify({
  query:
    'mutation($input: AddProductInput!, $options: CommandOptions) { addProduct(input: $input, options: $options) { __typename ... on ProductAccepted { position product { sku stock } } } }',
  variables: { input: { sku: 'b-#', name: 'Bench', price: '1.00', stock: 1 }, options: { commandId: 'bench-#' } },
});
