/** The files of the page, and the few of node_modules that it imports; nothing else can be asked for. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const pageRoot = fileURLToPath(new URL('./desk-page', import.meta.url));
const modulesRoot = fileURLToPath(new URL('../../node_modules', import.meta.url));

const modules: readonly RegExp[] = [
  /^preact\/dist\/preact\.module\.js$/,
  /^preact\/hooks\/dist\/hooks\.module\.js$/,
  /^htm\/dist\/htm\.module\.js$/,
  /^htm\/preact\/index\.module\.js$/,
  /^@fontsource-variable\/inter\/[a-z0-9-]+\.css$/,
  /^@fontsource-variable\/inter\/files\/[a-z0-9-]+\.woff2$/,
  /^twemoji-colr-font\/twemoji\.woff2$/,
];
const pageFile = /^(?:[a-z0-9-]+\/)*[a-z0-9-]+\.(?:js|css|svg|png|woff2)$/;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

export interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
  /** The page itself: what it may load. */
  readonly policy: string | null;
}

/** null: there is none under this path, or it is not for the page. */
export async function readPageFile(pathname: string): Promise<PageFile | null> {
  const file = fileFor(pathname);
  if (file === null) return null;
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'EISDIR') return null;
    throw cause;
  });
  if (bytes === null) return null;
  const extension = path.extname(file);
  return {
    bytes,
    type: types[extension] ?? 'application/octet-stream',
    etag: `"${digest(bytes).slice(0, 27)}"`,
    policy: extension === '.html' ? policyOf(bytes.toString('utf8')) : null,
  };
}

function fileFor(pathname: string): string | null {
  if (pathname === '/') return path.join(pageRoot, 'index.html');
  const page = /^\/desk\/page\/(.+)$/.exec(pathname)?.[1];
  if (page !== undefined) return pageFile.test(page) ? path.join(pageRoot, page) : null;
  const name = /^\/desk\/modules\/(.+)$/.exec(pathname)?.[1];
  if (name === undefined || !modules.some((allowed) => allowed.test(name))) return null;
  return path.join(modulesRoot, name);
}

/** Everything from here, nothing from elsewhere; the import map is the one inline script that may stand in the page. */
function policyOf(html: string): string {
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)];
  const hashes = inline.map(([, code = '']) => `'sha256-${digest(Buffer.from(code))}'`);
  return [
    "default-src 'none'",
    ["script-src 'self'", ...hashes].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}
