/** Protects whose phone a chat speaks for: only a contact that the platform vouches for links, and each change is said. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkedPatron, newPatron, type Patron, told } from './patron.ts';
import { ask, labels } from './sale.ts';
import { boss } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const phoneOf = ({ msisdn }: Patron): string =>
  `0${msisdn.slice(3, 6)} ${msisdn.slice(6, 9)} ${msisdn.slice(9)}`;

/** What the bot says to a contact that somebody shared. */
const share = async (who: number, phone: string, contactUserId: number | undefined): Promise<string> => {
  const contact = { phone, firstName: 'X', ...(contactUserId !== undefined && { contactUserId }) };
  return (await world.answer(world.chat.shareContact(who, contact), who)).text;
};

const says = async (person: number, text: string): Promise<string> =>
  (await world.answer(world.say(text, person), person)).text;

const links = async (): Promise<number> =>
  (await world.db.selectFrom('phone_link').select('identity_id').execute()).length;

test('an own contact links at any time; anybody else’s, and a number of another country, does not', async () => {
  const one = newPatron(world);
  expect(await share(one.id, '254733000222', undefined)).toBe(
    "That is another person's contact. Use the button.",
  );
  expect(await share(one.id, '254733000222', boss)).toContain("another person's contact");
  expect(await links()).toBe(0);
  expect(await share(one.id, '+255712345678', one.id)).toBe('Kenyan numbers only: 07, 01 or +254.');
  expect(await links()).toBe(0);
  world.chat.pressReplyKeyboard(one.id, 'Share my number');
  await world.card(`Receipts for ${phoneOf(one)} will come here.`, one.id);
  expect(world.chat.keyboard(one.id)).toBeNull();
});

test('an own contact that was forwarded is as old as its message, and links nothing', async () => {
  const one = newPatron(world);
  const old = { phone: '254740000099', firstName: 'X', contactUserId: one.id };
  const before = await links();
  for (const forwardFrom of [one.id, 'Somebody hidden']) {
    const sent = world.chat.shareContact(one.id, { ...old, forwardFrom });
    expect((await world.answer(sent, one.id)).text).toContain("another person's contact");
  }
  world.say('/start', one.id);
  await world.press('A customer', one.id);
  await world.card('Share your own number for receipts here.', one.id);
  const asked = world.chat.shareContact(one.id, { ...old, forwardFrom: one.id });
  expect((await world.answer(asked, one.id)).text).toContain("another person's contact");
  expect(await links()).toBe(before);
  world.say('/cancel', one.id);
});

test('a phone moves to whoever proves it last, and the one before is told; receipts follow it', async () => {
  const before = await linkedPatron(world);
  const after = newPatron(world);
  expect(await share(after.id, before.msisdn, after.id)).toBe(
    `Receipts for ${phoneOf(before)} will come here.`,
  );
  await world.card(`Receipts for ${phoneOf(before)} now go to another chat.`, before.id);
  const sale = await ask(world, 210, before.msisdn);
  await sale.pay();
  await world.card('Payment receipt, not a tax invoice.', after.id);
  await world.quiet();
  expect(told(world, before.id, /KES 210/)).toEqual([]);
});

test('the same person with a new phone hears what now applies', async () => {
  const one = await linkedPatron(world);
  expect(await share(one.id, '254740000001', one.id)).toBe(
    `Receipts for 0740 000 001 will come here, those for ${phoneOf(one)} no longer.`,
  );
  expect(await share(one.id, '254740000001', one.id)).toBe('Receipts for 0740 000 001 will come here.');
});

test('/start shows the link, and a press stops it; an old press does nothing to a newer link', async () => {
  const one = await linkedPatron(world);
  const count = await links();
  const shown = await world.answer(world.say('/start', one.id), one.id);
  expect(shown.text).toBe(
    `Receipts for ${phoneOf(one)} come here. To change the number, share your own contact.`,
  );
  expect(labels(shown)).toEqual(['A business', 'Stop receipts']);
  await world.advance(1);
  await share(one.id, '254740000002', one.id);
  await world.press('Stop receipts', one.id, shown);
  await world.toast('This card is old.', one.id);
  await world.card('Receipts for 0740 000 002 come here.', one.id);
  expect(await links()).toBe(count);
  await world.press('Stop receipts', one.id);
  await world.card('Receipts for 0740 000 002 no longer come here. /start links a number again.', one.id);
  expect(await links()).toBe(count - 1);
  expect(await says(one.id, '/start')).toContain('Who are you?');
});

test('a linked customer can still open a business', async () => {
  const one = await linkedPatron(world);
  await world.answer(world.say('/start', one.id), one.id);
  await world.press('A business', one.id);
  await world.card('What is your business called?', one.id);
  expect(await says(one.id, 'Duka la Pili')).toContain('Duka la Pili is saved.');
  expect(await says(one.id, '/start')).toContain('Duka la Pili: you are an owner');
  await world.card(`Receipts for ${phoneOf(one)} come here.`, one.id);
});

describe('a member who shares the own contact', () => {
  async function member(): Promise<Patron> {
    const one = newPatron(world);
    await world.join(one.id, 'cashier');
    return one;
  }

  test('is asked what for, and gets receipts here', async () => {
    const one = await member();
    const asked = await world.answer(world.chat.shareOwnPhone(one.id), one.id);
    expect(labels(asked)).toEqual(['Receipts here', 'Ask for a payment']);
    await world.press('Receipts here', one.id);
    await world.card(`Receipts for ${phoneOf(one)} will come here.`, one.id);
  });

  test('or asks the own phone for money', async () => {
    const one = await member();
    await world.answer(world.chat.shareOwnPhone(one.id), one.id);
    await world.press('Ask for a payment', one.id);
    await world.card('How much?', one.id);
    world.say('130', one.id);
    await world.card('What is it for?', one.id);
    await world.press('Skip', one.id);
    await world.card(`KES 130 · ${phoneOf(one)}`, one.id);
  });

  test('who cannot ask for money is not asked', async () => {
    const one = newPatron(world);
    await world.join(one.id, 'viewer');
    const answer = await world.answer(world.chat.shareOwnPhone(one.id), one.id);
    expect(answer.text).toBe(`Receipts for ${phoneOf(one)} will come here.`);
  });

  test('another person’s contact is somebody to ask for money, as before', async () => {
    const one = await member();
    expect(await share(one.id, '254740000003', undefined)).toContain('How much?');
  });
});

test('/help says to a customer what works here, in the own language', async () => {
  const stranger = newPatron(world);
  expect(await says(stranger.id, '/help')).toContain(
    world.spoken('Receipts for what you pay come here: /start links'),
  );
  const linked = await linkedPatron(world, 'sw');
  const help = world.spoken(`Risiti za ${phoneOf(linked)} huja hapa; /start hubadilisha hilo\n`);
  expect(await says(linked.id, '/help')).toContain(help);
  expect(await says(linked.id, 'habari')).toContain(help);
});

test('a customer who blocked the bot hears it again after /start', async () => {
  const one = await linkedPatron(world, 'sw');
  world.chat.block(one.id);
  const missed = await ask(world, 220, one.msisdn);
  await missed.pay();
  await missed.card('✅');
  await world.quiet();
  expect(told(world, one.id, /KES 220/)).toEqual([]);
  world.chat.unblock(one.id);
  expect(await says(one.id, '/start')).toContain('Risiti za');
  await world.advance(65);
  const sale = await ask(world, 230, one.msisdn);
  await sale.pay();
  expect((await world.card('Risiti ya malipo, si ankara ya kodi.', one.id)).text).toContain('KES 230');
});
