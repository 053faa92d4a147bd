const repeat = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');

/** A chain of fragments, each used twice by the one before: 2ⁿ fields. */
const doubling = (count: number, last: string): string =>
  `{ ...F0 } ${repeat(count, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)} fragment F${count} on Query { ${last} }`;

/** Documents of at most 15,000 characters that were made to hurt, and the code they are answered with; null: none, they are only held to the time. */
export const hostile: Readonly<Record<string, readonly [document: string, code: string | null]>> = {
  'fragments used twice each, 2ⁿ fields': [doubling(200, 'hello'), 'DOCUMENT_TOO_LARGE'],
  'fragments used twice each, no field at the end': [doubling(200, '...Nothing'), 'DOCUMENT_TOO_LARGE'],
  'fragments used twice each, that nothing uses': [
    `{ hello } ${doubling(200, 'hello').replace('{ ...F0 }', 'fragment Top on Query { ...F0 }')}`,
    'DOCUMENT_TOO_LARGE',
  ],
  'fragments in a circle, twice each': [`${doubling(150, '...F0 ...F0')}`, 'GRAPHQL_VALIDATION_FAILED'],
  'fragments in a circle that nothing uses': [
    `{ hello } ${doubling(150, '...F0 ...F0').replace('{ ...F0 }', '')}`,
    'GRAPHQL_VALIDATION_FAILED',
  ],
  'every fragment uses every other': [
    `{ ...F0 } ${repeat(45, (index) => `fragment F${index} on Query { ${repeat(45, (other) => `...F${other}`)} }`).slice(0, 14_900)}`,
    null,
  ],
  'fragments of one name': [`{ hello } ${repeat(300, (index) => `fragment F on Query { item(x: ${index}) { name } }`)}`, null],
  'one field 1,400 times': [`{ ${'hello '.repeat(1_400)} }`, 'DOCUMENT_TOO_LARGE'],
  'one field 7,000 times': [`{ ${'a '.repeat(7_000)} }`, 'DOCUMENT_TOO_MANY_TOKENS'],
  'one field with an argument 290 times': [`{ ${repeat(290, () => 'item(x: 1) { name }')} }`, 'DOCUMENT_TOO_LARGE'],
  'one field with another argument each time': [`{ ${repeat(99, (index) => `item(x: ${index}) { name }`)} }`, 'GRAPHQL_VALIDATION_FAILED'],
  'one field with its like inside, 200 times': [
    `{ ${repeat(200, () => 'item { again { again { again { name } } } }')} }`,
    'DOCUMENT_TOO_LARGE',
  ],
  'one field in 230 fragments': [
    `{ ${repeat(230, (index) => `...F${index}`)} } ${repeat(230, (index) => `fragment F${index} on Query { item { name } }`)}`,
    'DOCUMENT_TOO_LARGE',
  ],
  'many fragments in many fields': [
    `{ ${repeat(40, () => `item { ${repeat(15, (index) => `...F${index}`)} }`)} } ${repeat(15, (index) => `fragment F${index} on Item { name again { name } }`)}`,
    'DOCUMENT_TOO_LARGE',
  ],
  'as many fields of one name as are allowed': [`{ ${repeat(99, () => 'item(x: 1) { name }')} }`, null],
  'as many fields of one name as are allowed, levels deep': [
    `{ ${repeat(57, () => 'item(x: 1) { again { again { again { again { name } } } } }')} }`,
    null,
  ],
  'as many fragments as are allowed': [
    `{ ${repeat(80, (index) => `...F${index}`)} } ${repeat(80, (index) => `fragment F${index} on Query { item(x: 1) { name again { name } } }`)}`,
    'DOCUMENT_TOO_LARGE',
  ],
  'braces until the parser gives way': ['{a'.repeat(1_499), 'DOCUMENT_TOO_DEEP'],
  'braces that close': ['{a'.repeat(900) + '}'.repeat(900), 'DOCUMENT_TOO_DEEP'],
  'brackets in a value': [`{ item(x: ${'['.repeat(1_400)}${']'.repeat(1_400)}) { name } }`, 'DOCUMENT_TOO_DEEP'],
  'brackets in a value, never closed': [`{ item(x: ${'['.repeat(2_900)}`, 'DOCUMENT_TOO_DEEP'],
  'brackets in a type': [`query ($a: ${'['.repeat(1_400)}Int${']'.repeat(1_400)}) { hello }`, 'DOCUMENT_TOO_DEEP'],
  levels: [`{ ${'item { again { '.repeat(9)} name ${'} } '.repeat(9)} }`, 'DOCUMENT_TOO_DEEP'],
  'levels by fragments': [
    `{ item { ...F0 } } ${repeat(20, (index) => `fragment F${index} on Item { again { ...F${index + 1} } }`)} fragment F20 on Item { name }`,
    'DOCUMENT_TOO_DEEP',
  ],
  'a page too large by its default': ['query ($rows: Int = 201) { items(last: $rows) { name } }', 'PAGE_TOO_LARGE'],
  'pages in pages': ['{ items(first: 200) { items(first: 200) { name again { name } } } }', 'DOCUMENT_TOO_COSTLY'],
  'pages in pages by fragments': [
    '{ ...A } fragment A on Query { items(last: 200) { ...B } } fragment B on Item { items(first: 200) { name again { name } } }',
    'DOCUMENT_TOO_COSTLY',
  ],
  'a page too large': ['{ items(first: 201) { name } }', 'PAGE_TOO_LARGE'],
  'introspection by many names': [
    `{ ${repeat(100, (index) => `a${index}: __schema { types { fields { type { fields { name } } } } }`)} }`,
    'DOCUMENT_TOO_COSTLY',
  ],
  'introspection in circles': [
    '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  'introspection with many names at the end': [
    `{ __schema { types { fields { type { fields { ${repeat(500, (index) => `a${index}: name`)} } } } } } }`,
    'DOCUMENT_TOO_COSTLY',
  ],
  'unknown fields': [`{ ${repeat(1_400, (index) => `hell${index}`)} }`, 'GRAPHQL_VALIDATION_FAILED'],
  'a very long unknown field': [`{ ${'h'.repeat(14_000)} }`, 'GRAPHQL_VALIDATION_FAILED'],
  variables: [`query (${repeat(590, (index) => `$v${index}: Int`)}) { hello }`, 'GRAPHQL_VALIDATION_FAILED'],
  'variables of one name': [`query (${repeat(590, () => '$v: Int')}) { hello }`, 'GRAPHQL_VALIDATION_FAILED'],
  'operations that share fragments': [
    `${repeat(150, (index) => `query Q${index} { ...F0 }`)} ${repeat(150, (index) => `fragment F${index} on Query { ...F${index + 1} }`)} fragment F150 on Query { hello }`,
    null,
  ],
  'operations that share variables': [
    `${repeat(100, (index) => `query Q${index}($a: Int) { ...F0 }`)} fragment F0 on Query { ${repeat(15, (index) => `a${index}: item(x: $a) { name }`)} }`,
    null,
  ],
  'anonymous operations': [repeat(700, () => '{ hello }'), null],
  directives: [`{ hello ${repeat(900, () => '@skip(if: true)')} }`.slice(0, 14_900), null],
  comments: [`${'#\n'.repeat(7_000)}{ hello }`, null],
  'a block string': [`{ item(x: """${'\n '.repeat(7_000)}""") { name } }`, 'GRAPHQL_VALIDATION_FAILED'],
  'too many characters': [`{ hello } #${'x'.repeat(15_000)}`, 'DOCUMENT_TOO_LONG'],
  'too many tokens': [`{ ${'hello '.repeat(2_400)} ${', '.repeat(10)} }`.replaceAll('hello ', 'a a '), 'DOCUMENT_TOO_MANY_TOKENS'],
};
