import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Why nothing can be traced here; undefined where it can. */
export const noTrace: string | undefined =
  spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0 ? undefined : 'strace does not run here';

/** What watches the system calls of a process. */
export interface Trace extends AsyncDisposable {
  /** Lets go of the process; answers what was traced, a call a line. */
  end(): Promise<readonly string[]>;
}

/** Watches a running process and all its threads; `words` say what for, and what is to fail. Resolves when it watches. */
export async function trace(pid: number, ...words: readonly string[]): Promise<Trace> {
  const child = spawn('strace', ['-f', '-s', '12', ...words, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const closed = once(child, 'close');
  const attached = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/attached/.test(said)) resolve();
    });
    void closed.then(() => reject(new Error(`strace does not trace: ${said}`)));
  });
  await attached;
  const end = async () => {
    child.kill('SIGINT');
    await closed;
    return said.split('\n');
  };
  return { end, [Symbol.asyncDispose]: async () => void (await end()) };
}
