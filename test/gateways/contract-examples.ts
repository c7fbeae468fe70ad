/**
 * The printed examples of the documents, word for word: `examples/KIND/SECTION.txt`. Each is sent or parsed by the adapter
 * as its document's own host would meet it, and none may lie there unused.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../../src/domain/clock.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { OperatorAround } from '../../src/gateways/abilities.ts';
import type { CollectRequest, GatewayKind, OpenGateway } from '../../src/gateways/gateway.ts';
import { createGatewayHttp } from '../../src/gateways/http.ts';
import { openGateway } from '../../src/gateways/registry.ts';
import { silentLog } from '../../src/ops/log.ts';
import type { Fields } from './contract-fixture.ts';

export interface Examples {
  /** As it is printed. */
  text(name: string): string;
  /** The JSON in it, without the call around it. */
  json(name: string): Fields;
  /** The fields of a sample in PHP, Python or JavaScript. */
  fields(name: string): Fields;
  unused(): readonly string[];
}

export function examplesOf(kind: GatewayKind): Examples {
  const folder = path.join(import.meta.dirname, 'examples', kind);
  const unused = new Set(readdirSync(folder));
  const text = (name: string): string => {
    unused.delete(`${name}.txt`);
    return readFileSync(path.join(folder, `${name}.txt`), 'utf8').trimEnd();
  };
  return {
    text,
    json(name) {
      const printed = text(name);
      // One document comments on its JSON.
      const bare = printed
        .slice(printed.indexOf('{'), printed.lastIndexOf('}') + 1)
        .replace(/ {2}\/\/.*$/gm, '');
      return JSON.parse(bare) as Fields;
    },
    fields: (name) =>
      Object.fromEntries(
        [...text(name).matchAll(/^\s*['"]?(\w+)['"]?\s*(?:=>|:)\s*(?:'([^']*)'|"([^"]*)"|(\d+)),?$/gm)].map(
          ([, field = '', single, double, figures]) => [field, single ?? double ?? Number(figures)],
        ),
      ),
    unused: () => [...unused],
  };
}

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

export type Printed = readonly [status: number, text: string];

/** Opened without a base address where the document names one; each call is answered with the next printed answer. */
export function meet(kind: GatewayKind, config: Fields, ...answers: readonly Printed[]) {
  const calls: Call[] = [];
  const fetch = async (input: string | URL | Request, init: RequestInit = {}) => {
    const { method = 'GET', headers, body } = init;
    calls.push({ method, url: String(input), headers: new Headers(headers), body: String(body ?? '') });
    const [status, text] = answers[Math.min(calls.length, answers.length) - 1] ?? [500, ''];
    return new Response(text, { status });
  };
  const opening = openGateway(kind, config, createGatewayHttp({ fetch, log: silentLog }), systemClock);
  if (opening.kind !== 'open') throw new Error(JSON.stringify(opening));
  const { gateway } = opening;
  const last = (): Call => {
    const call = calls.at(-1);
    if (call === undefined) throw new Error('nothing was sent');
    return call;
  };
  return { gateway, calls, last, sent: (): Fields => JSON.parse(last().body) as Fields };
}

export const asked: CollectRequest = {
  reference: 'INV-001',
  amountCents: 100_00n,
  msisdn: '254712345678' as Msisdn,
  description: '',
  callbackUrl: 'https://myapp.com/mpesa/callback',
};

export const callbackUrl = 'https://shop.example/cb/aa';

export function act(gateway: OpenGateway, name: string, config: unknown = null) {
  const around: OperatorAround = { callbackUrl, operationUrl: (operation) => `${callbackUrl}/${operation}` };
  const action = gateway.actions?.[name];
  if (action === undefined) throw new Error(`no action ${name}`);
  return action.run(config, around);
}

export const received = (body: string, headers: Readonly<Record<string, string>> = {}) => ({
  body: Buffer.from(body),
  headers,
});
