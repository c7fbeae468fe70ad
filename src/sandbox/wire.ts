/** What went between the program and the gateways, made fit to be shown: phones masked, tokens and secrets shortened. */
import type { GatewayAtDesk } from './gateway-at-desk.ts';
import type { RequestEntry, WebhookEntry } from './gateway-kit/journal.ts';
import { type DeskGatewayKind, gatewayTitles } from './gateway-names.ts';

export interface WireEntry {
  readonly id: string;
  readonly at: string;
  readonly from: 'malipo' | DeskGatewayKind;
  /** The title of the one at the other end. */
  readonly gateway: string;
  readonly method: string;
  readonly path: string;
  /** null: no answer yet, or none ever. */
  readonly status: number | null;
  readonly body: unknown;
  readonly answer: unknown;
  readonly ms: number | null;
}

const shown = 30;

/** Oldest first, the newest thirty of all gateways together. */
export function wireOf(gateways: readonly GatewayAtDesk[]): WireEntry[] {
  const secrets = gateways.flatMap((gateway) => gateway.secrets());
  const clean = (text: string | null): unknown => cleaned(text, secrets);
  return gateways
    .flatMap(({ kind, requests, webhooks }) => [
      ...requests()
        .slice(-shown)
        .map((entry) => requestEntry(kind, entry, clean)),
      ...webhooks()
        .slice(-shown)
        .map((entry) => webhookEntry(kind, entry, clean)),
    ])
    .sort((a, b) => a.at.localeCompare(b.at))
    .slice(-shown);
}

type Clean = (text: string | null) => unknown;

function requestEntry(kind: DeskGatewayKind, entry: RequestEntry, clean: Clean): WireEntry {
  return {
    id: `${kind}-request-${entry.id}`,
    at: entry.at.toISOString(),
    from: 'malipo',
    gateway: gatewayTitles[kind],
    method: entry.method,
    path: maskText(entry.path),
    status: entry.status,
    body: clean(entry.body),
    answer: clean(entry.answer),
    ms: entry.ms,
  };
}

function webhookEntry(kind: DeskGatewayKind, entry: WebhookEntry, clean: Clean): WireEntry {
  const url = URL.parse(entry.url);
  return {
    id: `${kind}-webhook-${entry.id}`,
    at: entry.at.toISOString(),
    from: kind,
    gateway: gatewayTitles[kind],
    method: 'POST',
    path: maskText(url === null ? entry.url : `${url.pathname}${url.search}`),
    status: entry.status,
    body: clean(entry.body),
    answer: clean(entry.failure),
    ms: null,
  };
}

/** JSON stays JSON, anything else is text; null where there is nothing. */
function cleaned(text: string | null, secrets: readonly string[]): unknown {
  if (text === null || text === '') return null;
  const hidden = secrets.reduce((left, secret) => left.replaceAll(secret, '[hidden]'), text);
  try {
    return maskValue(JSON.parse(hidden));
  } catch {
    return maskText(hidden);
  }
}

function maskValue(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'number') return isPhone(value) ? maskText(String(value)) : value;
  if (Array.isArray(value)) return value.map(maskValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskValue(inner)]));
}

function isPhone(value: number): boolean {
  return /^254[17]\d{8}$/.test(String(value));
}

/** `2547****678`, `0712****678`; some checkout ids end with the phone; a callback's tokens keep four signs each. */
function maskText(text: string): string {
  return text
    .replace(/(ws_CO_\d+[17])\d{5}(\d{3})(?!\d)/g, '$1****$2')
    .replace(/(?<!\d)(?:(254[17])\d{5}|(0[17]\d\d)\d{3})(\d{3})(?!\d)/g, '$1$2****$3')
    .replace(/\/cb\/[0-9a-f]+(\/[0-9a-f]+)?/g, (path) => path.replace(/([0-9a-f]{4})[0-9a-f]{8,}/g, '$1…'));
}
