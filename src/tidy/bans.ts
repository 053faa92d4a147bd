import { ts } from 'ts-morph';
import { folderOf, isTest, nodesOf, type Source } from './sources.ts';

/** What does not stand in the code, and what stands in its place. */
interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  /** A line that has it: the rule's own test. */
  readonly sample: string;
  /** Where it may stand all the same. */
  readonly except?: (path: string) => boolean;
}

const isProgram = (path: string) => folderOf(path) === 'shell' || path.startsWith('src/shop/import/') || isTest(path);

/** Every ban of the project. */
export const bans: readonly Ban[] = [
  { pattern: /\b(TODO|FIXME|XXX)\b/, instead: 'do it, or open an issue', sample: '// TODO later' },
  { pattern: /@ts-(ignore|nocheck)/, instead: 'make the types right, or @ts-expect-error in a test of types', sample: '// @ts-ignore' },
  { pattern: /\bas unknown as\b/, instead: 'a type guard, or one cast with its reason', sample: 'x as unknown as Y' },
  {
    pattern: /\bDate\.now\b|\bnew Date\(\)/,
    instead: 'the clock of #base, handed in',
    sample: 'const at = Date.now();',
    except: (path) => path === 'src/base/clock.ts' || isProgram(path),
  },
  {
    pattern: /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\bgetRandomValues\b/,
    instead: 'the ids of #base, handed in',
    sample: 'const id = crypto.randomUUID();',
    except: (path) => path === 'src/base/ids.ts' || isProgram(path),
  },
  {
    pattern: /(?<![.\w])set(Timeout|Interval)\(|\bAbortSignal\.timeout\b/,
    instead: 'the timers of #base, handed in: a simulation says when it is time',
    sample: 'setTimeout(stop, 500);',
    // What only real files and servers, and connections to them, are waited for.
    except: (path) => path === 'src/base/timers.ts' || /^src\/\w+\/(sqlite|postgres)\//.test(path) || isProgram(path),
  },
  {
    pattern: /\w*(Sqlite|Postgres(?!QL))\w*|\b(sqlite|postgres)\w*/,
    instead: 'the ports: on which store it is, only the store, the shell and what the shell puts together know',
    sample: 'const log = openSqliteStore(file);',
    except: (path) => !/^src\/(decider|event|schema|shop|livestream|server|application)\//.test(path) || isTest(path),
  },
  {
    pattern: /\bconsole\./,
    instead: "the logger, handed in, or the shell's standard output",
    sample: 'console.log(1);',
    except: isProgram,
  },
  {
    pattern: /\b(test|it|describe|suite)(\.\w+)*\.only\b/,
    instead: 'all tests; to run one, vitest run -t',
    sample: 'test.concurrent.only(1);',
  },
  {
    pattern: /\b(test|it|describe|suite)(\.\w+)*\.(skip|todo)\b/,
    instead: 'skipIf, with the reason printed',
    sample: "describe.skip('x');",
  },
];

// The rules and their test name what they forbid.
const isRule = (path: string) => path.startsWith('src/tidy');

/** Every banned word, with its place and its replacement. */
export function banned(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path }) => !isRule(path))
    .flatMap(({ path, text }) => {
      const here = bans.filter(({ except }) => !except?.(path));
      return text
        .split('\n')
        .flatMap((line, i) =>
          here
            .filter(({ pattern }) => pattern.test(line))
            .map(({ pattern, instead }) => `${path}:${i + 1} has ${String(pattern.exec(line)?.[0]).trim()}: instead, ${instead}`),
        );
    });
}

/** Every `any` that is written out as a type. */
export function anys(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, parsed }) =>
    [...nodesOf(parsed)]
      .filter(({ kind }) => kind === ts.SyntaxKind.AnyKeyword)
      .map((node) => {
        const { line } = parsed.getLineAndCharacterOfPosition(node.getStart(parsed));
        return `${path}:${line + 1} has any: instead, unknown and a guard, or a type parameter`;
      }),
  );
}

/** Tests that may be skipped and neither print why nor say so in their name. */
export function silentSkips(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path, text }) => !isRule(path) && /\.(skipIf|runIf)\(/.test(text) && !/\bconsole\.\w+\(|skipped/.test(text))
    .map(({ path }) => `${path} skips a test and does not say why: instead, print the reason where it is skipped`);
}
