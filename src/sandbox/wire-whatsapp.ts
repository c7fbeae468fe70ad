/** What goes between the program and WhatsApp, as the page shows it. */
import { z } from 'zod';
import type { CallRow } from './whatsapp/control.ts';
import type { Endpoint } from './whatsapp/faults.ts';
import type { WhatsappAtDesk } from './whatsapp-at-desk.ts';
import type { Clean, WireEntry } from './wire-entry.ts';
import { maskText } from './wire-mask.ts';

const title = 'WhatsApp';
/** The statuses of every message would crowd out the gateways. */
const shown = 20;

const lines: Readonly<Record<Endpoint, readonly [method: string, path: string]>> = {
  messages: ['POST', '/{number}/messages'],
  markRead: ['POST', '/{number}/messages'],
  uploadMedia: ['POST', '/{number}/media'],
  getMedia: ['GET', '/{id}'],
  downloadMedia: ['GET', '/whatsapp_business/attachments/'],
  getPhoneNumber: ['GET', '/{number}'],
};

export function whatsappWire({ server, url, phoneNumberId }: WhatsappAtDesk, clean: Clean): WireEntry[] {
  const { control } = server;
  const version = new URL(url).pathname;
  const calls = control
    .calls()
    .slice(-shown)
    .map((call): WireEntry => {
      const [method, path] = lines[call.method];
      const named = path.replace('{number}', phoneNumberId).replace('{id}', String(call.params.id));
      return {
        ...common('call', call),
        from: 'malipo',
        method,
        path: call.method === 'downloadMedia' ? path : `${version}${named}`,
        status: call.answered ? (call.answer?.status ?? null) : null,
        note: noteOfCall(call),
        body: Object.keys(call.params).length === 0 ? null : clean(JSON.stringify(call.params)),
        answer: clean(answerOf(call)),
      };
    });
  const posts = control
    .posts()
    .slice(-shown)
    .map(
      (post): WireEntry => ({
        ...common('post', post),
        from: 'whatsapp',
        method: 'POST',
        path: maskText(new URL(post.url).pathname),
        status: post.status,
        note: noteOfPost(post.body),
        body: clean(post.body),
        answer: null,
      }),
    );
  return [...calls, ...posts].sort((a, b) => a.at.localeCompare(b.at)).slice(-shown);
}

function common(kind: string, row: { readonly at: Date }): Pick<WireEntry, 'id' | 'at' | 'gateway' | 'ms'> {
  return { id: `whatsapp-${kind}-${numberOf(row)}`, at: row.at.toISOString(), gateway: title, ms: null };
}

function answerOf({ answer, answered }: CallRow): string | null {
  if (!answered || answer === null) return null;
  return JSON.stringify(answer.body);
}

/** `template receipt_customer`, `interactive`, `text`. */
function noteOfCall({ params }: CallRow): string {
  const { type, template } = noted.parse(params);
  return [type, template?.name].filter((part) => part !== undefined).join(' ');
}

/** `delivered`, `interactive`. */
function noteOfPost(body: string): string {
  const { entry } = posted.parse(JSON.parse(body));
  const [first] = entry.flatMap(({ changes }) => changes.map(({ value }) => value));
  return first?.statuses?.[0]?.status ?? first?.messages?.[0]?.type ?? '';
}

const noted = z.object({
  type: z.string().optional().catch(undefined),
  template: z.object({ name: z.string() }).optional().catch(undefined),
});
const posted = z.object({
  entry: z.array(
    z.object({
      changes: z.array(
        z.object({
          value: z.object({
            statuses: z.array(z.object({ status: z.string() })).optional(),
            messages: z.array(z.object({ type: z.string() })).optional(),
          }),
        }),
      ),
    }),
  ),
});

const numbers = new WeakMap<object, number>();
let last = 0;

/** The log's rows have no number of their own, and the oldest are forgotten. */
function numberOf(row: object): number {
  const known = numbers.get(row);
  if (known !== undefined) return known;
  last += 1;
  numbers.set(row, last);
  return last;
}
