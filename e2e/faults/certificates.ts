import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Why no certificates can be made here; undefined where they can. */
export function opensslMissing(): string | undefined {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'there is no openssl';
  }
}

/** Makes a root certificate, `NAME.crt` with `NAME.key`, in a folder; answers the certificate's file. */
export function makeRoot(folder: string, name: string): string {
  made(folder, name, '-subj', `/CN=${name}`);
  return join(folder, `${name}.crt`);
}

/** Makes a certificate of a server that a root has signed, by the host's name alone. */
export function makeServerCertificate(folder: string, { name, root, host }: Readonly<Record<'name' | 'root' | 'host', string>>): void {
  const [signer, key] = [join(folder, `${root}.crt`), join(folder, `${root}.key`)];
  made(folder, name, '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-CA', signer, '-CAkey', key);
}

function made(folder: string, name: string, ...words: readonly string[]): void {
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...key, ...files, ...words], { stdio: 'pipe' });
}
