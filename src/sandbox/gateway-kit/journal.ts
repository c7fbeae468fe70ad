/** What went over the wire, for a page that shows it and a test that counts it. Credentials are blanked. */

export interface RequestEntry {
  readonly id: number;
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** null: no answer yet, or none ever since the connection was dropped. */
  readonly status: number | null;
  readonly answer: string | null;
  readonly ms: number | null;
}

export interface WebhookEntry {
  readonly id: number;
  readonly at: Date;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** null: not answered yet, or never (then `failure` says why). */
  readonly status: number | null;
  readonly failure: string | null;
}

/** The newest entries of one kind; an entry is replaced, never changed, so that a reader may keep what it was given. */
export interface Journal<T extends { readonly id: number }> {
  add(entry: Omit<T, 'id'>): number;
  amend(id: number, change: Partial<T>): void;
  entries(): readonly T[];
}

const kept = 1000;

export function createJournal<T extends { readonly id: number }>(onChange: () => void): Journal<T> {
  const entries: T[] = [];
  let count = 0;
  return {
    add: (entry) => {
      count += 1;
      entries.push({ ...entry, id: count } as T);
      if (entries.length > kept) entries.shift();
      onChange();
      return count;
    },
    amend: (id, change) => {
      const index = entries.length - 1 - (count - id);
      const entry = entries[index];
      if (entry === undefined) return;
      entries[index] = { ...entry, ...change };
      onChange();
    },
    entries: () => [...entries],
  };
}

const shownChars = 4000;
/** In JSON, also where it breaks off, and in a form. */
const secretMember = /("(?:api_key|api_password|token|access_token)"\s*:\s*")(?:[^"\\]|\\.)*(?:"|$)/g;
const secretPair = /((?:^|&)api_key=)[^&]*/g;
const secretHeaders = ['cookie', 'x-api-key'];

export function shownBody(text: string): string {
  const blanked = text.replace(secretMember, '$1[hidden]"').replace(secretPair, '$1[hidden]');
  return blanked.length > shownChars ? `${blanked.slice(0, shownChars)}…` : blanked;
}

export function shownHeaders(headers: NodeJS.Dict<string | string[]>): { [name: string]: string } {
  const shown: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const text = Array.isArray(value) ? value.join(', ') : value;
    if (name === 'authorization') shown[name] = `${text.split(' ', 1)[0] ?? ''} [hidden]`;
    else shown[name] = secretHeaders.includes(name) ? '[hidden]' : text;
  }
  return shown;
}
