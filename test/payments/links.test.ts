/**
 * Protects strangers' phones from links, and shops from being paid twice by a link for one payment: who may cause a
 * prompt, how often, and what two at the same moment get.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LinkId, PaymentId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { prune } from '../../src/outbox/prune.ts';
import { closeLink, createLink, findLink, lookAtLink, openLinks } from '../../src/payments/links.ts';
import { linkLimits } from '../../src/payments/links-limits.ts';
import { payByLink } from '../../src/payments/links-pay.ts';
import { lookAtUse, useCode } from '../../src/payments/links-use.ts';
import { sendPrompt } from '../../src/payments/request.ts';
import { keepAsIs } from '../../src/payments/review.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const day = 24 * 3600;

async function link(
  what: { amountCents?: bigint | null; once?: boolean; seconds?: number; note?: string } = {},
) {
  const { amountCents = 50_000n, once = false, seconds = 7 * day, note = 'lunch' } = what;
  const expiresAt = new Date(desk.clock.now().getTime() + seconds * 1000);
  const made = { businessId: desk.businessId, createdBy: desk.cashier, amountCents, note, once, expiresAt };
  return desk.inTx(async (tx) => lookAtLink(tx, desk.deps, await createLink(tx, desk.deps, made)));
}

let addresses = 0;
const elsewhere = (): string => `10.1.${addresses >> 8}.${addresses++ & 255}`;

function pay(
  code: string,
  what: { msisdn?: Msisdn; amountCents?: bigint | null; address?: string; identity?: typeof desk.boss } = {},
) {
  const { msisdn = desk.newPhone(), amountCents = null, address = elsewhere(), identity } = what;
  const from = identity === undefined ? { address } : { identity };
  return desk.inTx((tx) => payByLink(tx, desk.deps, { code, msisdn, amountCents, from }));
}

const kinds = async (...outcomes: ReturnType<typeof pay>[]): Promise<string[]> =>
  (await Promise.all(outcomes)).map(({ kind }) => kind).sort();

async function attemptOf(outcome: Awaited<ReturnType<typeof pay>>) {
  if (outcome.kind !== 'queued') throw new Error(outcome.kind);
  while (await desk.submitter.runOnce());
  const attempt = await desk.db
    .selectFrom('attempt')
    .select('id')
    .where('payment_id', '=', outcome.paymentId)
    .orderBy('number', 'desc')
    .executeTakeFirstOrThrow();
  return { id: outcome.paymentId, attempt: attempt.id };
}

const stateOf = (id: LinkId) => desk.inTx(async (tx) => (await lookAtLink(tx, desk.deps, id)).state);

test('a payment is the request of who made the link, with its note and its card', async () => {
  const { code, id } = await link();
  const outcome = await pay(code, { amountCents: 99_900n });
  const made = await attemptOf(outcome);
  const payment = await desk.db
    .selectFrom('payment')
    .selectAll()
    .where('id', '=', made.id)
    .executeTakeFirstOrThrow();
  expect(payment).toMatchObject({
    amount_cents: 50_000n,
    note: 'lunch',
    requested_by: desk.cashier,
    link_id: id,
    state: 'prompted',
  });
  const cards = await desk.db
    .selectFrom('card')
    .select(['identity_id', 'kind'])
    .where('payment_id', '=', made.id)
    .execute();
  expect(cards).toEqual([{ identity_id: desk.cashier, kind: 'request' }]);
});

test('once its maker has left, the owner has the card', async () => {
  const { code } = await link();
  await desk.db
    .updateTable('member')
    .set({ removed_at: desk.clock.now() })
    .where('identity_id', '=', desk.cashier)
    .execute();
  const { id } = await attemptOf(await pay(code));
  await desk.db
    .updateTable('member')
    .set({ removed_at: null })
    .where('identity_id', '=', desk.cashier)
    .execute();
  const cards = await desk.db.selectFrom('card').select('identity_id').where('payment_id', '=', id).execute();
  expect(cards).toEqual([{ identity_id: desk.boss }]);
});

test('an unknown, expired or closed link causes nothing', async () => {
  const short = await link({ seconds: 60 });
  const shut = await link();
  expect(await desk.inTx((tx) => closeLink(tx, desk.deps, shut.id, desk.cashier))).toBe(true);
  expect(await desk.inTx((tx) => closeLink(tx, desk.deps, shut.id, desk.cashier))).toBe(false);
  desk.clock.advance(60);
  const before = await desk.db.selectFrom('payment').select('id').execute();
  expect(await pay(short.code)).toEqual({ kind: 'expired' });
  expect(await pay(shut.code)).toEqual({ kind: 'closed' });
  expect(await pay('0'.repeat(32))).toEqual({ kind: 'no_link' });
  expect(await pay('x')).toEqual({ kind: 'no_link' });
  expect(await desk.db.selectFrom('payment').select('id').execute()).toHaveLength(before.length);
  expect(await desk.inTx((tx) => findLink(tx, desk.deps, 'x'))).toBeNull();
  const open = await desk.inTx((tx) => openLinks(tx, desk.deps, desk.businessId, 50));
  expect(open.map(({ id }) => id)).not.toContain(short.id);
  expect(open.map(({ id }) => id)).not.toContain(shut.id);
});

test('an open amount stays inside what M-Pesa moves', async () => {
  const { code } = await link({ amountCents: null });
  for (const amountCents of [null, 0n, -100n, 99n, 150n, 25_000_100n])
    expect(await pay(code, { amountCents })).toEqual({ kind: 'out_of_range' });
  expect(await pay(code, { amountCents: 25_000_000n })).toMatchObject({ kind: 'queued' });
});

test('of two who open a once-link at the same moment, one gets a prompt', async () => {
  for (let round = 0; round < 3; round++) {
    const { code } = await link({ once: true });
    expect(await kinds(pay(code), pay(code), pay(code))).toEqual(['open_prompt', 'open_prompt', 'queued']);
    while (await desk.submitter.runOnce());
  }
});

test('a once-link can be tried again after a prompt without money, and shows as paid after one with', async () => {
  const { code, id } = await link({ once: true });
  const first = await attemptOf(await pay(code));
  expect(await stateOf(id)).toBe('open_prompt');
  await desk.failed(first.attempt);
  expect(await stateOf(id)).toBe('open');
  const second = await attemptOf(await pay(code));
  await desk.told(second.attempt, { receipt: { number: 'TFH774CBH1', final: true } });
  expect(await stateOf(id)).toBe('paid');
  expect(await pay(code)).toEqual({ kind: 'paid' });
  desk.clock.advance(8 * day);
  expect(await stateOf(id)).toBe('paid');
});

const again = (id: PaymentId) => desk.inTx((tx) => sendPrompt(tx, desk.deps, id, desk.cashier));

test('Send again on one payment of a once-link waits for another one, and ends where that was paid', async () => {
  const { code } = await link({ once: true });
  const first = await attemptOf(await pay(code));
  await desk.failed(first.attempt);
  const second = await attemptOf(await pay(code));
  desk.clock.advance(125);
  expect(await again(first.id)).toMatchObject({ kind: 'held', why: 'link_open' });
  await desk.told(second.attempt, { receipt: { number: 'TFH774CBJ1', final: true } });
  expect(await again(first.id)).toMatchObject({ kind: 'held', why: 'link_paid' });
  const prompts = desk.db.selectFrom('attempt').select('number').where('payment_id', '=', first.id);
  expect(await prompts.execute()).toEqual([{ number: 1 }]);
  const many = await link();
  const [one, other] = [await attemptOf(await pay(many.code)), await attemptOf(await pay(many.code))];
  await desk.failed(one.attempt);
  await desk.told(other.attempt, { receipt: { number: 'TFH774CBJ2', final: true } });
  desk.clock.advance(125);
  expect(await again(one.id)).toMatchObject({ kind: 'queued' });
});

test('Send again and a new customer at the same moment: one phone rings', async () => {
  for (let round = 0; round < 3; round++) {
    const { code } = await link({ once: true });
    const first = await attemptOf(await pay(code));
    await desk.failed(first.attempt);
    desk.clock.advance(125);
    const both = await Promise.all([again(first.id), pay(code)]);
    expect(both.filter(({ kind }) => kind === 'queued')).toHaveLength(1);
    while (await desk.submitter.runOnce());
  }
});

test('money of two payments of a once-link is said to a person, whoever came first; of a many-link it is not', async () => {
  const twoPaid = async (once: boolean, at: 'one by one' | 'at once', name: string) => {
    const { code } = await link({ once });
    const first = await attemptOf(await pay(code));
    await desk.failed(first.attempt);
    const second = await attemptOf(await pay(code));
    const tell = [second, first].map(
      ({ attempt }, i) =>
        () =>
          desk.told(attempt, { receipt: { number: `${name}${i}`, final: true } }),
    );
    if (at === 'at once') await Promise.all(tell.map((one) => one()));
    else for (const one of tell) await one();
    return { first, second, flags: [await desk.payment(first.id), await desk.payment(second.id)] };
  };
  const { first, second, flags } = await twoPaid(true, 'one by one', 'TFH774CBK');
  expect(flags).toMatchObject([{ flag: 'twice' }, { flag: null }]);
  const { ref } = await desk.db
    .selectFrom('payment')
    .select('ref')
    .where('id', '=', second.id)
    .executeTakeFirstOrThrow();
  const { text, buttons } = await desk.card(first.id);
  expect(text).toContain(
    `Paid twice: this and ${ref} are two payments of a link for one. You received KES 1,000. Keep both, or give one back.`,
  );
  expect(buttons.map(({ action }) => action)).toContain('both');
  await desk.inTx((tx) => keepAsIs(tx, desk.deps, first.id));
  expect(await desk.payment(first.id)).toMatchObject({ state: 'paid', flag: null });
  for (let round = 0; round < 3; round++) {
    const together = await twoPaid(true, 'at once', `TFH774CL${round}`);
    expect(together.flags.filter(({ flag }) => flag === 'twice')).toHaveLength(1);
  }
  expect((await twoPaid(false, 'one by one', 'TFH774CBM')).flags).toMatchObject([
    { flag: null },
    { flag: null },
  ]);
});

test('what old uses were is forgotten, and a once-link stays paid', async () => {
  const { code, id } = await link({ once: true });
  const made = await attemptOf(await pay(code));
  await desk.told(made.attempt, { receipt: { number: 'TFH774CBN1', final: true } });
  desk.clock.advance(31 * day);
  const young = await link();
  await attemptOf(await pay(young.code));
  const uses = desk.db.selectFrom('link_use').select('link_id');
  await prune(desk.db, new Date(desk.clock.now().getTime() - 30 * day * 1000));
  expect(await uses.execute()).toEqual([{ link_id: young.id }]);
  expect(await stateOf(id)).toBe('paid');
  expect(await pay(code)).toEqual({ kind: 'paid' });
});

test('a once-link whose outcome nobody knows waits', async () => {
  const { code, id } = await link({ once: true });
  await attemptOf(await pay(code));
  await desk.unproved();
  expect(await stateOf(id)).toBe('open_prompt');
  expect(await pay(code)).toEqual({ kind: 'open_prompt' });
});

test('a prompt that is held back leaves no payment, and does not count', async () => {
  const { code, id } = await link();
  const msisdn = desk.newPhone();
  await attemptOf(await pay(code, { msisdn }));
  const held = await pay(code, { msisdn });
  expect(held).toMatchObject({ kind: 'held', why: 'locked' });
  const left = await desk.db.selectFrom('payment').select('id').where('link_id', '=', id).execute();
  expect(left).toHaveLength(1);
  expect(await desk.db.selectFrom('link_use').select('id').where('link_id', '=', id).execute()).toHaveLength(
    1,
  );
});

test('a stopped account is a value, not a payment', async () => {
  const { code, id } = await link();
  const set = (state: 'active' | 'stopped') =>
    desk.db.updateTable('gateway_account').set({ state }).execute();
  await set('stopped');
  expect(await pay(code)).toEqual({ kind: 'account_stopped' });
  await set('active');
  expect(await desk.db.selectFrom('payment').select('id').where('link_id', '=', id).execute()).toEqual([]);
});

/** Uses of the link that were made so long ago, by whatever phones. */
async function used(linkId: LinkId, count: number, secondsAgo: number, address = elsewhere()): Promise<void> {
  const { id } = await desk.db.selectFrom('payment').select('id').executeTakeFirstOrThrow();
  const row = {
    link_id: linkId,
    payment_id: id,
    phone_hmac: Buffer.alloc(32),
    address_hmac: desk.vault.hmac('address', address),
    vouched: false,
    at: new Date(desk.clock.now().getTime() - secondsAgo * 1000),
  };
  await desk.db
    .insertInto('link_use')
    .values(Array.from({ length: count }, () => row))
    .execute();
}

/** All at once: the count is kept although nobody waits for anybody. */
async function queuedOf(...outcomes: ReturnType<typeof pay>[]) {
  const all = await Promise.all(outcomes);
  // What was queued counts, sent or not; these are in the way of the next test's prompt.
  await desk.db.updateTable('attempt').set({ state: 'not_sent' }).where('state', '=', 'queued').execute();
  const limited = all.flatMap((outcome) => (outcome.kind === 'limited' ? [outcome.next] : []));
  return { queued: all.filter(({ kind }) => kind === 'queued').length, limited };
}

const inSeconds = (seconds: number): Date => new Date(desk.clock.now().getTime() + seconds * 1000);

test.each(linkLimits.address)(
  'one address causes $prompts prompts in $seconds s',
  async ({ prompts, seconds }) => {
    desk.clock.advance(2 * day);
    const address = elsewhere();
    const [one, other] = [await link(), await link()];
    await used(one.id, prompts - 1, seconds - 60, address);
    const most = await queuedOf(...[one, other, other].map(({ code }) => pay(code, { address })));
    expect(most).toEqual({ queued: 1, limited: [inSeconds(60), inSeconds(60)] });
    expect((await queuedOf(pay(one.code), pay(one.code, { identity: desk.boss }))).queued).toBe(2);
    desk.clock.advance(60);
    expect((await queuedOf(pay(one.code, { address }))).queued).toBe(1);
  },
);

test.each(linkLimits.link)('one link causes $prompts prompts in $seconds s', async ({ prompts, seconds }) => {
  desk.clock.advance(2 * day);
  const [one, other] = [await link(), await link()];
  await used(one.id, prompts - 1, seconds - 60);
  const most = await queuedOf(pay(one.code), pay(one.code), pay(one.code, { identity: desk.boss }));
  expect(most).toEqual({ queued: 1, limited: [inSeconds(60), inSeconds(60)] });
  expect((await queuedOf(pay(other.code))).queued).toBe(1);
  desk.clock.advance(60);
  expect((await queuedOf(pay(one.code))).queued).toBe(1);
});

test.each(linkLimits.business)(
  'one shop causes $prompts prompts in $seconds s',
  async ({ prompts, seconds }) => {
    desk.clock.advance(2 * day);
    const [one, other] = [await link(), await link()];
    await used(one.id, prompts - 1, seconds - 5);
    const most = await queuedOf(pay(one.code), pay(other.code), pay(other.code));
    expect(most).toEqual({ queued: 1, limited: [inSeconds(5), inSeconds(5)] });
    desk.clock.advance(5);
    expect((await queuedOf(pay(other.code))).queued).toBe(1);
  },
);

test('one phone is asked so often, by whatever links', async () => {
  desk.clock.advance(2 * day);
  const [short, long] = linkLimits.phone;
  const msisdn = desk.newPhone();
  let queued = 0;
  for (let tries = 0; tries < 5; tries++) {
    const outcome = await pay((await link({ amountCents: 100n * BigInt(tries + 1) })).code, { msisdn });
    if (outcome.kind === 'queued') {
      queued += 1;
      await desk.told((await attemptOf(outcome)).attempt, { verdict: 'failed', reason: 'wrong_pin' });
    }
    desk.clock.advance(61);
  }
  expect(queued).toBe(short.prompts);
  for (let hours = 0; hours < 12; hours++) {
    desk.clock.advance(3600);
    const outcome = await pay((await link()).code, { msisdn });
    if (outcome.kind !== 'queued') continue;
    queued += 1;
    await desk.told((await attemptOf(outcome)).attempt, { verdict: 'failed', reason: 'wrong_pin' });
  }
  expect(queued).toBe(long.prompts);
});

test('a phone that says no twice is left alone for a day, by every link, and by links only', async () => {
  desk.clock.advance(2 * day);
  const msisdn = desk.newPhone();
  const no = async () => desk.failed((await attemptOf(await pay((await link()).code, { msisdn }))).attempt);
  await no();
  desk.clock.advance(2 * 3600);
  await no();
  const said = desk.clock.now();
  desk.clock.advance(day - 1);
  const { code } = await link();
  expect(await pay(code, { msisdn })).toEqual({ kind: 'quiet', next: new Date(said.getTime() + day * 1000) });
  expect(await pay(code, { msisdn, identity: desk.boss })).toMatchObject({ kind: 'quiet' });
  expect(await pay(code)).toMatchObject({ kind: 'queued' });
  desk.clock.advance(1);
  expect(await pay(code, { msisdn })).toMatchObject({ kind: 'queued' });
});

test('a gateway that names no reason leaves a stranger alone too, but not whom the platform vouches for', async () => {
  desk.clock.advance(2 * day);
  const msisdn = desk.newPhone();
  for (let no = 0; no < 2; no++) {
    const { attempt } = await attemptOf(await pay((await link()).code, { msisdn }));
    await desk.told(attempt, { verdict: 'failed', reason: 'not_given' });
    desk.clock.advance(130);
  }
  expect(await pay((await link()).code, { msisdn })).toMatchObject({ kind: 'quiet' });
  expect(await pay((await link()).code, { msisdn, identity: desk.boss })).toMatchObject({ kind: 'queued' });
});

test('a browser’s prompt that nobody answered is a no for browsers; a chat’s own one without a reason is one there', async () => {
  const twice = async (reason: 'expired' | 'unreachable' | 'not_given', identity?: typeof desk.boss) => {
    desk.clock.advance(2 * day);
    const msisdn = desk.newPhone();
    for (let no = 0; no < 2; no++) {
      const { code } = await link();
      const what = identity === undefined ? { msisdn } : { msisdn, identity };
      const { attempt } = await attemptOf(await pay(code, what));
      await desk.told(attempt, { verdict: 'failed', reason });
      desk.clock.advance(130);
    }
    const { code } = await link();
    const chat = await pay(code, { msisdn, identity: desk.boss });
    desk.clock.advance(130);
    return { chat: chat.kind, browser: (await pay(code, { msisdn })).kind };
  };
  expect(await twice('expired')).toEqual({ chat: 'queued', browser: 'quiet' });
  expect(await twice('unreachable')).toEqual({ chat: 'queued', browser: 'quiet' });
  expect(await twice('expired', desk.boss)).toEqual({ chat: 'queued', browser: 'quiet' });
  expect(await twice('not_given', desk.boss)).toEqual({ chat: 'quiet', browser: 'quiet' });
});

test('that it was somebody else’s payment is a no as well; what a shop asked itself is none', async () => {
  desk.clock.advance(2 * day);
  const msisdn = desk.newPhone();
  const paid = await attemptOf(await pay((await link()).code, { msisdn }));
  await desk.told(paid.attempt, { receipt: { number: 'TFH774CBH2', final: true } });
  await desk.db
    .insertInto('customer_answer')
    .values({
      payment_id: paid.id,
      identity_id: desk.boss,
      answer: 'not_me',
      at: desk.clock.now(),
      decided_at: null,
    })
    .execute();
  desk.clock.advance(200);
  expect(await desk.inTx(async (tx) => (await lookAtLink(tx, desk.deps, (await link()).id)).state)).toBe(
    'open',
  );
  const shop = await desk.prompted();
  await desk.failed(shop.attempt);
  await desk.failed((await attemptOf(await pay((await link()).code, { msisdn }))).attempt);
  desk.clock.advance(200);
  expect(await pay((await link()).code, { msisdn })).toMatchObject({ kind: 'quiet' });
});

test('what a link caused is followed at an address that nobody can make up', async () => {
  desk.clock.advance(2 * day);
  const { code, id } = await link();
  const other = await link();
  const made = await attemptOf(await pay(code));
  const use = useCode(desk.deps, made.id);
  const look = (linkId: LinkId, at: string) => desk.inTx((tx) => lookAtUse(tx, desk.deps, linkId, at));
  expect(await look(id, use)).toMatchObject({ state: 'prompted', amountCents: 50_000n, receiptUrl: null });
  expect((await look(id, use))?.phoneMasked).toMatch(/^2547\*{4}\d{3}$/);
  expect(await look(other.id, use)).toBeNull();
  const last = use.at(-1) === '0' ? '1' : '0';
  for (const wrong of [use.slice(0, -1) + last, use.slice(0, 32), `${use}0`, '', 'x'.repeat(64)])
    expect(await look(id, wrong)).toBeNull();
  await desk.told(made.attempt, { receipt: { number: 'TFH774CBH3', final: true } });
  expect((await look(id, use))?.receiptUrl).toMatch(/^https:\/\/shop\.example\/receipt\/[a-f0-9]{32}$/);
});

test('neither code nor phone nor address is stored as it is', async () => {
  const { code, id } = await link();
  await pay(code, { msisdn: '254712345678' as Msisdn, address: '203.0.113.7' });
  const rows = [
    await desk.db.selectFrom('pay_link').selectAll().where('id', '=', id).execute(),
    await desk.db.selectFrom('link_use').selectAll().where('link_id', '=', id).execute(),
  ];
  const stored = rows
    .flat()
    .flatMap((row) => Object.values(row))
    .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)))
    .join('\n');
  for (const secret of [code, '254712345678', '712345678', '203.0.113.7'])
    expect(stored).not.toContain(secret);
});
