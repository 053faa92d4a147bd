import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterFolder } from '../composed.ts';
import type { Machine } from './machine.ts';

const page = readFileSync(join(clusterFolder, 'README.md'), 'utf8');

/** What a section of the example's README has an operator type, a command each. Throws where there is none. */
export function stepsOf(title: string): readonly string[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  const found = [...section.matchAll(/^ *```sh\n([^`]+)```|`(docker [^`]+)`/gm)];
  const steps = found.flatMap(([, block = '', inline = '']) => `${block}${inline}`.replaceAll(/\\\n\s*/g, '').split('\n'));
  const typed = steps.map((step) => step.trim()).filter((step) => step !== '');
  if (typed.length === 0) throw new Error(`There is nothing to type in ${title}.`);
  return typed;
}

type Typed = [pattern: RegExp, done: (machine: Machine, ...words: string[]) => unknown];

const commands: readonly Typed[] = [
  [/^cd docs\/examples\/cluster$/, () => undefined],
  [/^(printf .+ >>?\.env)$/, (machine, line = '') => machine.shell(line)],
  [/^curl http:\/\/127\.0\.0\.1:8080(\/\w+)$/, (machine, path = '') => fetched(machine.at(path))],
  [/^docker compose up (?:--build )?--detach --wait ?(\w*)$/, (machine, name = '') => machine.up(...(name ? [name] : []))],
  [/^docker compose exec (\w+) (.+)$/, (machine, name = '', line = '') => machine.exec(name, line)],
  [/^docker compose rm --stop --force (\w+)$/, (machine, name = '') => machine.stop(name)],
  [/^docker compose down$/, (machine) => machine.down()],
  [/^docker volume rm varve_(\w+)$/, (machine, name = '') => machine.removeVolume(name)],
];

/** Does what is typed, one after the other. Throws where one fails, or is not known here. */
export async function follow(machine: Machine, steps: readonly string[]): Promise<void> {
  for (const step of steps) {
    const [known] = commands.flatMap(([pattern, done]) => {
      const match = pattern.exec(step);
      return match ? [() => done(machine, ...match.slice(1))] : [];
    });
    if (!known) throw new Error(`Nobody here knows how to do: ${step}`);
    await known();
  }
}

async function fetched(url: string): Promise<void> {
  const { ok, status } = await fetch(url);
  if (!ok) throw new Error(`${url} answered ${status}.`);
}
