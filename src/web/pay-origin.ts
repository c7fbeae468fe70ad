/**
 * Who sends the form. There are no cookies to steal, but a page of another site must not ring phones through its visitors'
 * browsers, each with an address of its own. docs/decisions/0005 says what is believed and why.
 */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { WebDeps } from './web.ts';

/**
 * The address that is counted: the peer's, or what a proxy on this machine or in its private network names last. IPv6 by
 * /64, which one household has whole. null: such a proxy names none, and its own address is everybody's.
 */
export function addressKey(request: Pick<FastifyRequest, 'headers' | 'socket'>): string | null {
  const peer = plain(request.socket.remoteAddress ?? '');
  const forwarded = request.headers['x-forwarded-for'];
  const proxied = isLoopbackPeer(peer) || isPrivatePeer(peer);
  if (proxied && forwarded === undefined) return null;
  const named = plain(
    String(forwarded ?? '')
      .split(',')
      .at(-1)
      ?.trim() ?? '',
  );
  return network(proxied && isAddress(named) ? named : peer);
}

/** `::ffff:10.0.0.1` is an IPv4 address that came over an IPv6 socket. */
function plain(address: string): string {
  return address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '');
}

function isLoopbackPeer(address: string): boolean {
  return address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/** RFC 1918 (a container sees its host as 172.17.0.1) and RFC 4193. */
function isPrivatePeer(address: string): boolean {
  if (/^f[cd][0-9a-f]{2}:/.test(address)) return true;
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]+$/.test(address);
}

function isAddress(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) || (/^[0-9a-f:]{2,39}$/.test(text) && text.includes(':'));
}

function network(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const gap = address.includes('::') ? Array(Math.max(0, 8 - before.length - after.length)).fill('0') : [];
  const groups = [...before, ...gap, ...after].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.join(':')}::/64`;
}

const tokenHours = 6;
const hourMs = 3600 * 1000;

/** A word of ours in the form, bound to the link, the hour and the address that it was shown to. */
export function formToken(
  deps: Pick<WebDeps, 'vault' | 'clock'>,
  code: string,
  address: string | null,
): string {
  const hour = Math.floor(deps.clock.now().getTime() / hourMs);
  return `${hour}.${mac(deps, code, address, hour)}`;
}

function mac({ vault }: Pick<WebDeps, 'vault'>, code: string, address: string | null, hour: number): string {
  return vault
    .hmac('pay_link', `form:${code}:${hour}:${address ?? ''}`)
    .toString('hex')
    .slice(0, 32);
}

function isOurToken(
  deps: Pick<WebDeps, 'vault' | 'clock'>,
  code: string,
  address: string | null,
  token: string,
): boolean {
  const [, hourText = '', given = ''] = /^(\d{1,9})\.([a-f0-9]{32})$/.exec(token) ?? [];
  const age = deps.clock.now().getTime() / hourMs - Number(hourText);
  if (hourText === '' || age < 0 || age > tokenHours) return false;
  return timingSafeEqual(Buffer.from(mac(deps, code, address, Number(hourText))), Buffer.from(given));
}

export type FormSender = 'own' | 'foreign' | 'old';

/**
 * A browser that says where a form comes from is believed: a page cannot write these headers. Our pages give no
 * referrer, so that Origin is `null`, and browsers before 2023, and plain HTTP, name no site: there the token decides.
 */
export function senderOfForm(
  deps: Pick<WebDeps, 'vault' | 'clock' | 'publicUrl'>,
  request: Pick<FastifyRequest, 'headers' | 'socket'>,
  form: { readonly code: string; readonly token: string },
): FormSender {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined) return site === 'same-origin' ? 'own' : 'foreign';
  if (origin !== undefined && origin !== 'null') {
    const ours = [new URL(deps.publicUrl).origin, `http://${host}`, `https://${host}`];
    return ours.includes(origin) ? 'own' : 'foreign';
  }
  return isOurToken(deps, form.code, addressKey(request), form.token) ? 'own' : 'old';
}
