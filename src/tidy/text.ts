/** Text that tells of a developer's machine or of where packages came from. */
const betraying: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\/(home|Users|root)\/[a-z]/, 'a path of a machine'],
  [/"resolved": *"https?:/, 'the address of a package registry'],
];

/** Places in a text that belong to one machine rather than to the project. */
export function betrays(path: string, text: string): readonly string[] {
  return betraying.flatMap(([pattern, what]) => (pattern.test(text) ? [`${path} holds ${what}: ${String(pattern.exec(text)?.[0])}`] : []));
}
