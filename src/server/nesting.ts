import { limits } from '#base';
import { fault } from './faults.ts';

/** Shorter texts are parsed at once, however they nest. */
const scannedFromLength = 4_096;

const [quote, backslash, brace, bracket, endOfBrace, endOfBracket] = [...'"\\{[}]'].map((char) => char.charCodeAt(0));

/**
 * Refuses a JSON text that nests deeper than anything that is meant, before it is parsed: `JSON.parse` takes half a second for 800,000
 * brackets, and nothing else is answered meanwhile. Throws `BODY_TOO_DEEP`; of what is no JSON it says nothing.
 */
export function checkNesting(text: string): void {
  if (text.length < scannedFromLength) return;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === quote) at = endOfString(text, at);
    else if (char === brace || char === bracket) depth += 1;
    else if (char === endOfBrace || char === endOfBracket) depth -= 1;
    if (depth > limits.bodyNestingMax)
      throw fault('BODY_TOO_DEEP', `The JSON nests more than ${limits.bodyNestingMax} objects and lists within one another.`);
  }
}

/** Where the string that begins at a place ends; the text's end where it does not. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === quote) return at;
    if (char === backslash) at += 1;
  }
  return text.length;
}
