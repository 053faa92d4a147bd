import type { CodegenConfig } from '@graphql-codegen/cli';

/** `npm run codegen`: typed documents for the end-to-end tests, from the operations that a client of the shop would write. */
const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: 'schema/operations/*.graphql',
  generates: {
    'e2e/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        useTypeImports: true,
        enumsAsTypes: true,
        importExtension: '.ts',
        strictScalars: true,
        scalars: { DateTime: 'string', Decimal: 'string', JSON: 'unknown', Position: 'string' },
      },
    },
  },
};

export default config;
