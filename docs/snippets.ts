import { assert } from '#base';

/**
 * A fence that shows code of a file says which: ```` ```ts file=docs/examples/loan.ts region=events ````. Without a region: the whole file.
 * A region is what stands between `// #region name` and the next `// #endregion`.
 */
const fence = /^```(?<language>\w+) file=(?<file>\S+)(?: region=(?<region>\S+))?\n(?<code>[\s\S]*?)^```$/gm;
const anyMark = /^\s*```\w* .*\bfile=/gm;

/** The page with every marked fence filled anew from its file; `read` gets paths as the fences write them. */
export function refreshed(page: string, read: (file: string) => string): { readonly text: string; readonly count: number } {
  let count = 0;
  const text = page.replace(fence, (...found) => {
    const { language, file, region } = found.at(-1) as Record<'language' | 'file' | 'region', string | undefined>;
    assert(file, 'A fence names no file.');
    count += 1;
    const code = region === undefined ? read(file) : regionOf(read(file), file, region);
    return `\`\`\`${language} file=${file}${region === undefined ? '' : ` region=${region}`}\n${code.trimEnd()}\n\`\`\``;
  });
  const marks = page.match(anyMark)?.length ?? 0;
  assert(
    marks === count,
    `${marks - count} fences name a file in a form that is not known.`,
    'Write ```ts file=PATH region=NAME at the start of a line.',
  );
  return { text, count };
}

function regionOf(source: string, file: string, region: string): string {
  const lines = source.split('\n');
  const start = lines.findIndex((line) => line.trim() === `// #region ${region}`);
  assert(start >= 0, `${file} has no region ${region}.`, `Mark it with // #region ${region} and // #endregion.`);
  const length = lines.slice(start + 1).findIndex((line) => line.trim() === '// #endregion');
  assert(length >= 0, `The region ${region} of ${file} does not end.`, 'End it with // #endregion.');
  return dedented(lines.slice(start + 1, start + 1 + length));
}

/** Without the indent that all lines share. */
function dedented(lines: readonly string[]): string {
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(indent)).join('\n');
}
