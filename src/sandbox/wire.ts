/** What went between the program and the gateways, and between it and WhatsApp. */
import type { GatewayAtDesk } from './gateway-at-desk.ts';
import type { RequestEntry, WebhookEntry } from './gateway-kit/journal.ts';
import { type DeskGatewayKind, gatewayTitles } from './gateway-names.ts';
import type { WhatsappAtDesk } from './whatsapp-at-desk.ts';
import type { Clean, WireEntry } from './wire-entry.ts';
import { cleaned, maskText } from './wire-mask.ts';
import { whatsappWire } from './wire-whatsapp.ts';

const shown = 30;

/** Oldest first: the newest thirty of all gateways together, and the newest of WhatsApp. */
export function wireOf(gateways: readonly GatewayAtDesk[], whatsapp: WhatsappAtDesk): WireEntry[] {
  const secrets = [...gateways.flatMap((gateway) => gateway.secrets()), ...Object.values(whatsapp.keys)];
  const clean = (text: string | null): unknown => cleaned(text, secrets);
  const atGateways = gateways
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
  return [...atGateways, ...whatsappWire(whatsapp, clean)].sort((a, b) => a.at.localeCompare(b.at));
}

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
