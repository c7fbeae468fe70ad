/** Protects the counter: no code is called good that the gateway did not name, none twice, and no other shop's at all. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eatDay } from '../../src/domain/eat.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { giveBack } from '../payments/refund.ts';
import { ask, newCustomer, prompted, type Sale, stkOf, webhook } from './sale.ts';
import { boss, shopPerson, stranger } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ honestMoney: false });
  world.say('/help', boss);
  await world.card('500 0712345678 lunch', boss);
});
afterAll(() => world.close());

const says = async (text: string, person: number = shopPerson): Promise<string> => {
  await world.quiet();
  return (await world.answer(world.say(text, person), person)).text;
};

let codes = 0;
/** A code that no other test of this file uses. */
function newCode(): string {
  codes += 1;
  return `TFH7${String(codes).padStart(2, '0')}CBH9`;
}

/** A sale that the gateway says was paid, under a code of our choice. */
async function paidAs(code: string, amount = 500): Promise<Sale> {
  const sale = await prompted(world, amount);
  const { reference } = stkOf(world, sale);
  const data = {
    payment_id: 9,
    status: 'success',
    account_reference: reference,
    amount,
    mpesa_receipt_number: code,
  };
  expect(await webhook(world, { event: 'mpesa.payment.received', data })).toBe(200);
  await sale.card(`M-Pesa ${code}`);
  return sale;
}

const phoneOf = (sale: Sale): string =>
  `0${sale.msisdn.slice(3, 6)} ${sale.msisdn.slice(6, 9)} ${sale.msisdn.slice(9)}`;
const warned = (code: string, sale: Sale): RegExp =>
  new RegExp(`^⚠️ M-Pesa ${code} was used \\d\\d:\\d\\d for ${sale.ref}\\. Give no goods on it again\\.$`);

describe('a code of a payment', () => {
  test('is genuine once; the same person hears so again for a minute, then it was used', async () => {
    const code = newCode();
    const sale = await paidAs(code);
    const genuine = `✅ M-Pesa ${code} is genuine: KES 500 from ${phoneOf(sale)}, `;
    const first = await says(`/verify ${code}`);
    expect(first).toMatch(new RegExp(`^${RegExp.escape(genuine)}\\d\\d:\\d\\d, ${sale.ref}\\.$`));
    const again = await says(`/verify ${code.toLowerCase()}`);
    expect(again).toMatch(/\nYou checked it at \d\d:\d\d; it is the same payment\.$/);
    await world.advance(65);
    expect(await says(code)).toMatch(warned(code, sale));
  });

  test('another member at another till is warned at once', async () => {
    const code = newCode();
    const sale = await paidAs(code);
    expect(await says(code)).toContain('is genuine');
    expect(await says(`/verify ${code}`, boss)).toMatch(warned(code, sale));
  });

  test('two members at the same moment: one of them hears that it is genuine', async () => {
    const code = newCode();
    await paidAs(code);
    await world.quiet();
    const asked = [shopPerson, boss].map((person) => world.answer(world.say(code, person), person));
    const heard = (await Promise.all(asked)).map(({ text }) => text.includes('is genuine'));
    expect(heard.toSorted()).toEqual([false, true]);
  });

  test('what another till saw paid is said to who asks, and what was paid a while ago to everybody', async () => {
    const code = newCode();
    await paidAs(code);
    const first = await says(`/verify ${code}`, boss);
    expect(first).toMatch(/is genuine.*\nShown as paid to Njeri at \d\d:\d\d; ask before giving goods\.$/);
    const sale = await prompted(world);
    await sale.pay();
    await sale.card('✅');
    const own = world.mpesa.moved().at(-1)?.receipt ?? '';
    await world.advance(130);
    expect(await says(`/verify ${own}`)).toMatch(
      /is genuine.*\nYour own card showed it paid at \d\d:\d\d; look before giving goods again\.$/,
    );
  });

  test('checked long after it was paid, it says that the goods may be out', async () => {
    const sale = await prompted(world);
    await sale.pay();
    await sale.card('✅');
    const code = world.mpesa.moved().at(-1)?.receipt ?? '';
    await world.advance(3700);
    expect(await says(`/verify ${code}`)).toContain(
      `\nGoods may be out already for ${sale.ref}; look before giving more.`,
    );
  });
});

test('what was given back is no payment for goods', async () => {
  const code = newCode();
  const sale = await paidAs(code);
  const { id } = await world.db
    .selectFrom('payment')
    .select('id')
    .where('ref', '=', sale.ref)
    .executeTakeFirstOrThrow();
  const deps = { vault: world.database.vault, clock: world.scheduler, random: systemRandom };
  await giveBack(world.db, deps, id, 20_000n);
  expect(await says(code)).toBe(
    `⚠️ M-Pesa ${code}: KES 200 of KES 500 was given back, ${sale.ref}. Give no goods on it.`,
  );
});

describe('a text that somebody shows', () => {
  const sms = (code: string, rest: string): string =>
    `${code} Confirmed. ${rest} New M-PESA balance is Ksh77,000.00.`;

  test('is genuine where it agrees, and credits nothing', async () => {
    const code = newCode();
    await paidAs(code, 700);
    const [year = '', month, day] = eatDay(world.scheduler.now()).split('-');
    const on = (named: string) => sms(code, `Ksh700.00 paid to MAMA NJERI. on ${named} at 2:32 PM.`);
    expect(await says(on(`${day}/${month}/${Number(year.slice(2)) - 1}`))).toContain('says otherwise');
    expect(await says(on(`${day}/${month}/${year.slice(2)}`))).toContain('is genuine: KES 700');
  });

  test('of another amount differs, also where the code was used', async () => {
    const code = newCode();
    const sale = await paidAs(code, 50);
    expect(await says(sms(code, 'Ksh5,000.00 sent to MAMA NJERI.'))).toBe(
      `⚠️ M-Pesa ${code} is for KES 50, not KES 5,000.`,
    );
    expect(await says(`nimelipa 50 ${code}`)).toContain('is genuine');
    const both = await says(sms(code, 'Ksh5,000.00 sent to MAMA NJERI.'));
    expect(both).toMatch(/^⚠️ M-Pesa \w+ is for KES 50, not KES 5,000\.\nM-Pesa \w+ was used \d\d:\d\d for /);
    expect(both).toContain(sale.ref);
  });

  test('of another phone says so, and is no check', async () => {
    const code = newCode();
    const sale = await paidAs(code);
    const text = await says(sms(code, 'You have received Ksh500.00 from JANE DOE 0799999999'));
    expect(text).toMatch(
      new RegExp(
        `^⚠️ M-Pesa ${code} was paid \\d\\d:\\d\\d from ${phoneOf(sale)}; the text says otherwise\\.`,
      ),
    );
    expect(await says(code, boss)).toContain('is genuine');
  });

  test('in Swahili, answered in Swahili', async () => {
    const code = newCode();
    await paidAs(code, 650);
    const pasted = `${code} Imethibitishwa. Ksh650.00 imetumwa kwa MAMA NJERI. Salio jipya la M-PESA ni Ksh20.00.`;
    await says('/language sw');
    expect(await says(pasted)).toMatch(/^✅ M-Pesa \w+ ni ya kweli: KES 650 kutoka/);
    expect(await says('imeingia?')).toBe('Andika code ya M-Pesa, mfano TFH774CBH1.');
    expect(await says('ZZZ9999999')).toBe('❔ M-Pesa ZZZ9999999 hatuijui. Angalia ujumbe wako wa M-Pesa.');
    await says('/language en');
  });

  test('with a made-up code is a stranger', async () => {
    const before = await world.db.selectFrom('ledger').select('id').execute();
    expect(await says('TZZ9ZZ9ZZ9 Confirmed. Ksh123.00 paid to MAMA NJERI.')).toBe(
      '❔ M-Pesa TZZ9ZZ9ZZ9 is not known to us. Check your own M-Pesa messages.',
    );
    expect(await world.db.selectFrom('ledger').select('id').execute()).toEqual(before);
  });
});

test('the conversation asks, takes spaces, and answers', async () => {
  const code = newCode();
  await paidAs(code);
  expect(await says('/verify')).toBe('Type the M-Pesa code, for example TFH774CBH1.');
  expect(await says('the blue one')).toBe('We could not read the blue one. Write it like TFH774CBH1.');
  expect(await says(`${code.slice(0, 3)} ${code.slice(3, 6)} ${code.slice(6)}`)).toContain('is genuine');
  const unread = await world.answer(world.chat.sendText(shopPerson, '/verify hello'));
  expect(unread.text).toBe('We could not read hello. Write it like TFH774CBH1.');
  expect(await says('nimelipa')).toBe('Type the M-Pesa code, for example TFH774CBH1.');
  expect(await says(code)).toContain('You checked it at');
});

test('O for 0 is suggested and never assumed', async () => {
  const sale = await paidAs('TFH07OCBH9');
  expect(await says('/verify TFHO70CBH9')).toBe(
    '❔ M-Pesa TFHO70CBH9 is not known to us. Did you mean M-Pesa TFH07OCBH9? Type it to check.',
  );
  expect(await says('TFH07OCBH9')).toContain(sale.ref);
});

describe('another business', () => {
  test('knows nothing of it, and its check takes nothing away', async () => {
    const code = newCode();
    await paidAs(code);
    const other = await world.openSecondShop('Duka la Pili');
    await world.join(stranger, 'cashier', other);
    const unknown = `❔ M-Pesa ${code} is not known to us. Check your own M-Pesa messages.`;
    expect(await says(`/verify ${code}`, stranger)).toBe(unknown);
    expect(await says(code)).toContain('is genuine');
    await world.db.deleteFrom('member').where('business_id', '=', other).execute();
  });

  test('a person in no business is told so, unless the phone that paid is theirs', async () => {
    const code = newCode();
    const sale = await paidAs(code);
    expect(await says(`/verify ${code}`, stranger)).toContain('You are in no business here yet.');
    expect(await says(code, stranger)).toContain('You are in no business here yet.');
    const identity = await world.db
      .selectFrom('identity')
      .select('id')
      .where('external_id', '=', world.key(stranger))
      .executeTakeFirstOrThrow();
    const { vault } = world.database;
    await world.db
      .insertInto('phone_link')
      .values({
        identity_id: identity.id,
        channel: world.channel,
        phone_sealed: vault.seal(sale.msisdn, `phone_link:${identity.id}`),
        phone_hmac: vault.hmac('phone', sale.msisdn),
        linked_at: world.scheduler.now(),
      })
      .execute();
    expect(await says(code, stranger)).toMatch(
      new RegExp(`^✅ M-Pesa ${code} is your payment: KES 500 to Mama Njeri, \\d\\d:\\d\\d, ${sale.ref}\\.$`),
    );
    const foreign = newCode();
    await paidAs(foreign);
    expect(await says(foreign, stranger)).toContain('is not known to us');
    expect(await says(code)).toContain('is genuine');
  });
});

describe('what the gateway has not named', () => {
  test('a stand-in is no code, and M-Pesa’s own is asked for', async () => {
    world.bluepay.control.arm('pending_receipt');
    const sale = await prompted(world, 810);
    await sale.pay();
    await sale.card('follows');
    const standIn = await world.db
      .selectFrom('attempt')
      .innerJoin('payment', 'payment.id', 'attempt.payment_id')
      .select('receipt')
      .where('payment.ref', '=', sale.ref)
      .executeTakeFirstOrThrow();
    expect(standIn.receipt).toMatch(/^RCHK-/);
    expect(await says(`/verify ${standIn.receipt}`)).toContain(
      `is no M-Pesa code. The code of ${sale.ref} follows`,
    );
    const code = world.mpesa.moved().at(-1)?.receipt ?? '';
    const said = await says(`${code} Confirmed. Ksh810.00 paid to MAMA NJERI.`);
    expect(said).toContain(`⏳ M-Pesa ${code} is not known to us yet. We are asking about ${sale.ref}`);
    world.bluepay.control.completeReceipts();
    await world.advance(60);
    await sale.card(`M-Pesa ${code}`);
    expect(await says(`/verify ${code}`)).toContain('is genuine: KES 810');
  });

  test('what a person marked is to be compared, and warns the second time', async () => {
    world.bluepay.control.arm('drop_before_accept');
    const sale = await ask(world, 820);
    await sale.card('❔');
    for (let i = 0; i < 12; i++) await world.advance(310);
    await sale.card('Compare with the M-Pesa statement', boss);
    await sale.press('Review', boss);
    await world.press('It was paid', boss);
    await world.card('Type the M-Pesa code', boss);
    const code = newCode();
    world.say(code, boss);
    await world.card('Marked paid by Baraka', boss);
    expect(await says(code)).toBe(
      `⚠️ M-Pesa ${code}: a person entered it for ${sale.ref}, KES 820. Compare with the M-Pesa statement.`,
    );
    expect(await says(code, boss)).toMatch(warned(code, sale));
  });

  test('an unsigned word that the operator accepted is to be compared', async () => {
    const code = newCode();
    const sale = await paidAs(code);
    for (const table of ['evidence', 'ledger'] as const)
      await world.db
        .updateTable(table)
        .set({ trust: 'accepted_unsigned' })
        .where('receipt', '=', code)
        .execute();
    expect(await says(code)).toContain(`the gateway has not confirmed it for ${sale.ref}, KES 500.`);
  });

  test('another amount than was asked, and money for nothing that was asked', async () => {
    world.bluepay.control.arm('wrong_amount', 830);
    const sale = await prompted(world, 829);
    await sale.pay();
    await sale.card('⚠️');
    const code = world.mpesa.moved().at(-1)?.receipt ?? '';
    expect(await says(code)).toContain(`came for ${sale.ref}, which is under review. Hold the goods`);
    const lost = newCode();
    const data = {
      payment_id: 10,
      status: 'success',
      account_reference: 'NOTOURS',
      amount: 500,
      mpesa_receipt_number: lost,
    };
    expect(await webhook(world, { event: 'mpesa.payment.received', data })).toBe(200);
    expect(await says(lost)).toContain('reached us, but for no payment that you asked for.');
  });
});

describe('the gateway is asked', () => {
  test('about the open payment that it may be: its card tells, before the planned look-up', async () => {
    world.bluepay.control.arm('callback_lost');
    const sale = await prompted(world, 840);
    await sale.pay();
    const code = world.mpesa.moved().at(-1)?.receipt ?? '';
    const pasted = `${code} Confirmed. Ksh840.00 paid to MAMA NJERI.`;
    expect(await says(pasted, boss)).toBe(
      `⏳ M-Pesa ${code} is not known to us yet. We are asking about ${sale.ref}; hold the goods until its card says paid.`,
    );
    await world.advance(1);
    await sale.card('✅', boss);
    await sale.card('✅');
    expect(await says(pasted, boss)).toContain('is genuine: KES 840');
  });

  test('not about another amount, and not twice in half a minute', async () => {
    const msisdn = newCustomer(world);
    const sale = await prompted(world, 850, msisdn);
    const lookUps = () =>
      world.bluepay.control.requests().filter(({ path }) => path.startsWith('/api/payment_status')).length;
    const before = lookUps();
    expect(await says('TZZ8ZZ8ZZ8 Confirmed. Ksh851.00 paid to X.')).toContain(
      'Check your own M-Pesa messages',
    );
    for (let i = 0; i < 3; i++)
      expect(await says('TZZ8ZZ8ZZ8 Confirmed. Ksh850.00 paid to X.')).toContain(`asking about ${sale.ref}`);
    await world.quiet();
    expect(lookUps() - before).toBe(1);
  });
});
