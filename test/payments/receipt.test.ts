/** Protects proof: no receipt, page or document exists for a payment that is not proved paid, and none tells a phone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receiptMessage } from '../../src/bot/cards/customer-receipt.ts';
import { loadPaymentView } from '../../src/bot/cards/payment-view.ts';
import { sendReceiptDocument } from '../../src/bot/cards/receipt-document.ts';
import type { PaymentId } from '../../src/domain/ids.ts';
import { paymentStates } from '../../src/domain/payment.ts';
import { loadReceipt } from '../../src/payments/receipt.ts';
import { findReceiptPage, receiptUrl } from '../../src/payments/receipt-pages.ts';
import { readPdf } from '../support/pdf.ts';
import { openSite, wholePhone } from '../web/site.ts';
import { code, type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const facts = (id: PaymentId) => desk.inTx((tx) => loadReceipt(tx, desk.deps, id));
const url = (id: PaymentId) => desk.inTx((tx) => receiptUrl(tx, desk.deps, id));
const send = (id: PaymentId, key: string) =>
  desk.inTx((tx) => sendReceiptDocument(tx, desk.deps, { paymentId: id, identityId: desk.boss, key }));

async function sentFile(key: string) {
  const row = await desk.db
    .selectFrom('outbox')
    .select(['method', 'payload_sealed', 'lane'])
    .where('key', '=', key)
    .executeTakeFirst();
  if (row === undefined) return null;
  const payload = JSON.parse(desk.vault.open(row.payload_sealed, `outbox:${key}`));
  return {
    method: row.method,
    lane: row.lane,
    payload,
    pdf: Buffer.from(payload.document.file.base64, 'base64'),
  };
}

describe('not proved paid', () => {
  test.each(paymentStates.filter((state) => state !== 'paid'))('%s: nothing', async (state) => {
    // What was once given out for it, by whatever fault, shows nothing either.
    const { id, attempt } = await desk.prompted();
    await desk.told(attempt, { receipt: code(`TFA000${state.slice(0, 4).toUpperCase()}`) });
    const page = await url(id);
    await desk.db.updateTable('payment').set({ state }).where('id', '=', id).execute();
    expect(await facts(id)).toBeNull();
    const site = await openSite({ ...desk.deps, db: desk.db });
    const shown = await site.get(new URL(page ?? '').pathname);
    await site.close();
    expect(shown.status).toBe(404);
    expect(await send(id, `k:${state}`)).toBe('not_paid');
    expect(await sentFile(`k:${state}`)).toBeNull();
    const fresh = await desk.draft();
    await desk.db.updateTable('payment').set({ state }).where('id', '=', fresh).execute();
    expect([await facts(fresh), await url(fresh), await send(fresh, 'k')]).toEqual([null, null, 'not_paid']);
  });

  test('a payment that says paid without a paid prompt has no receipt', async () => {
    const id = await desk.draft();
    await desk.db
      .updateTable('payment')
      .set({ state: 'paid', paid_at: desk.clock.now() })
      .where('id', '=', id)
      .execute();
    expect([await facts(id), await send(id, 'k')]).toEqual([null, 'not_paid']);
  });

  test('an unsigned callback proves nothing', async () => {
    const { id, attempt } = await desk.prompted();
    await desk.told(attempt, { trust: 'hint', receipt: code('TFB0000001') });
    expect([await facts(id), await url(id), await send(id, 'k')]).toEqual([null, null, 'not_paid']);
  });
});

describe('proved paid', () => {
  test('what really came, not what was asked; the address is one and unguessable', async () => {
    const { id, attempt } = await desk.prompted(500);
    await desk.told(attempt, { receipt: code('TFC0000001') });
    await desk.db.updateTable('attempt').set({ paid_cents: 45_000n }).where('id', '=', attempt).execute();
    expect(await facts(id)).toMatchObject({
      status: 'paid',
      amountCents: 45_000n,
      refundedCents: 0n,
      numbers: ['TFC0000001'],
      owed: null,
      payer: expect.stringMatching(/^2547\*{4}\d{3}$/),
    });
    const page = await url(id);
    expect(page).toMatch(/^https:\/\/shop\.example\/receipt\/[a-f0-9]{32}$/);
    expect(await url(id)).toBe(page);
    const found = await desk.inTx((tx) => findReceiptPage(tx, desk.deps, page?.split('/').at(-1) ?? ''));
    expect(found).toBe(id);
  });

  test('the document holds every fact and no phone, once per key, the same bytes for the same facts', async () => {
    const { id, attempt } = await desk.prompted(1200);
    await desk.told(attempt, { receipt: code('TFD0000001') });
    await desk.db
      .updateTable('payment')
      .set({ note: 'Mboga ya Дед, 0712 345 678' })
      .where('id', '=', id)
      .execute();
    const { ref } = await desk.db
      .selectFrom('payment')
      .select('ref')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(await send(id, 'first')).toBe('sent');
    expect(await send(id, 'first')).toBe('sent');
    expect(await send(id, 'second')).toBe('sent');
    const [first, second] = [await sentFile('first'), await sentFile('second')];
    expect(first?.pdf.equals(second?.pdf ?? Buffer.alloc(0))).toBe(true);
    expect(first).toMatchObject({
      method: 'sendDocument',
      lane: 'telegram:1002',
      payload: {
        chat_id: 1002,
        caption: `KES 1,200 to Mama Njeri · ${ref}\n${await url(id)}`,
        document: { file: { name: `receipt-${ref}.pdf`, mimeType: 'application/pdf' } },
      },
    });
    const read = readPdf(first?.pdf ?? Buffer.alloc(0));
    expect(read.pages).toBe(1);
    expect(Math.round((read.width / 72) * 25.4)).toBe(80);
    const text = read.text.replace(/\s+/g, ' ');
    expect(text).toContain(
      `Mama Njeri Payment receipt KES 1,200 Paid M-Pesa receipt TFD0000001 Our number ${ref} Paid at 21 Nov 2026 14:31 EAT Paid by 2547****`,
    );
    expect(text).toContain('For Mboga ya ???, 07****678 Through Till 1 Payment receipt, not a tax invoice.');
    expect(text).toContain('Some letters could not be printed; the page shows them.');
    expect(text.replace(/https:\S+/, '')).not.toMatch(wholePhone);
    for (const { x, y } of read.words) expect(x > 0 && x < read.width && y > 0 && y < read.height).toBe(true);
  });

  test.each(['accepted_unsigned', 'person'] as const)(
    'a number that the gateway has not named (%s) says so on page, paper and in chat, until it is named',
    async (trust) => {
      const number = trust === 'person' ? 'TFU0000001' : 'TFU0000002';
      const { id, attempt } = await desk.prompted(400);
      const unsigned = trust === 'accepted_unsigned';
      await desk.told(attempt, { trust: unsigned ? 'signed' : trust, receipt: code(number) });
      await desk.db.updateTable('attempt').set({ receipt_trust: trust }).where('id', '=', attempt).execute();
      expect(await facts(id)).toMatchObject({ numbers: [number], unconfirmed: [number], owed: null });
      const chat = await desk.inTx(async (tx) => {
        const view = await loadPaymentView(tx, desk.vault, id);
        const reader = { id: desk.boss, chatId: '1002', locale: 'en' } as const;
        return receiptMessage(desk.deps, view, reader, { asking: false, given: 0 });
      });
      expect(chat.text).toContain(`M-Pesa ${number} (not confirmed by the gateway)\n`);
      await send(id, `unconfirmed:${trust}`);
      const paper = readPdf((await sentFile(`unconfirmed:${trust}`))?.pdf ?? Buffer.alloc(0));
      expect(paper.text.replace(/\s+/g, ' ')).toContain(`${number} (not confirmed by the gateway)`);
      const site = await openSite({ ...desk.deps, db: desk.db });
      const path = new URL((await url(id)) ?? '').pathname;
      expect((await site.get(path)).text).toContain(`${number} (not confirmed by the gateway)`);
      expect((await site.get(`${path}?lang=sw`)).text).toContain(`${number} (gateway haijaithibitisha)`);
      if (!unsigned) {
        await desk.told(attempt, { receipt: code(number) });
        expect(await facts(id)).toMatchObject({ numbers: [number], unconfirmed: [] });
        expect((await site.get(path)).text).not.toContain('not confirmed');
      }
      await site.close();
    },
  );

  test('in Swahili for who reads Swahili', async () => {
    const { id, attempt } = await desk.prompted(300);
    await desk.told(attempt, { receipt: { number: 'RCHK1', final: false } });
    await desk.db.updateTable('identity').set({ locale: 'sw' }).where('id', '=', desk.boss).execute();
    await send(id, 'swahili');
    await desk.db.updateTable('identity').set({ locale: null }).where('id', '=', desk.boss).execute();
    const sent = await sentFile('swahili');
    expect(sent?.payload.document.file.name).toMatch(/^risiti-P-/);
    const { text } = readPdf(sent?.pdf ?? Buffer.alloc(0));
    expect(text).toContain('Imelipwa');
    expect(text).toContain('Nambari itafuata');
    expect(text).toContain('Risiti ya malipo, si ankara ya kodi.');
    expect(text).not.toContain('RCHK');
  });
});
