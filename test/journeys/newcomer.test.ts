/** Protects the first minute: a stranger opens a business, or links the phone that is provably their own. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BusinessId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { createGatewayHttp } from '../../src/gateways/http.ts';
import { silentLog } from '../../src/ops/log.ts';
import { addAccount } from '../../src/payments/accounts.ts';
import { createGateways } from '../../src/payments/gateways.ts';
import { customerPhone, stranger } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const otieno = 1004;

test('a stranger becomes a business, which works once the operator connects it', async () => {
  world.say('/start', stranger);
  await world.card('Who are you?', stranger);
  await world.press('A business', stranger);
  await world.card('What is your business called?', stranger);
  world.say('x'.repeat(41), stranger);
  await world.card('At most 40 letters; this has 41', stranger);
  world.say('Otieno <b>Fish</b> & Co', stranger);
  const saved = await world.card(
    'Otieno <b>Fish</b> & Co is saved. Whoever runs the bot connects it with:',
    stranger,
  );
  world.say('500 0712345678', stranger);
  await world.card('cannot ask for money yet', stranger);
  const businessId = /--business ([0-9a-f-]{36})/.exec(saved.text)?.[1] as BusinessId;
  const account = world.bluepay.control.account(world.merchantId);
  const { db, vault } = world.database;
  const http = createGatewayHttp({ fetch, log: silentLog });
  await addAccount(
    {
      db,
      vault,
      clock: world.scheduler,
      random: systemRandom,
      http,
      gateways: createGateways({ vault, http, clock: world.scheduler }),
      publicUrl: world.url,
    },
    {
      businessId,
      kind: 'bluepay',
      name: 'BluePay',
      acceptUnsigned: false,
      config: {
        baseUrl: world.bluepay.url,
        apiSecret: account.apiSecret,
        channelId: account.channels[0]?.channelId,
      },
    },
  );
  await world.card('Otieno <b>Fish</b> & Co is ready. Try: 500', stranger);
  world.say('500 0722000111 fish', stranger);
  await world.press('Send prompt', stranger);
  await world.pay('254722000111');
  await world.card(/Paid to Otieno <b>Fish<\/b> & Co/, stranger);
});

test('a customer links the own phone, and gets the receipt of what it pays', async () => {
  world.chat.addUser({
    id: otieno,
    firstName: 'Otieno',
    languageCode: 'en',
    started: true,
    phone: customerPhone,
  });
  world.say('/start', otieno);
  await world.card('Who are you?', otieno);
  await world.press('A customer', otieno);
  await world.card('Share your own number', otieno);
  world.chat.shareContact(otieno, { phone: '254733000222', firstName: 'Somebody' });
  await world.card("That is another person's contact. Use the button.", otieno);
  world.chat.pressReplyKeyboard(otieno, 'Share my number');
  await world.card('Receipts for 0712 345 678 will come here.', otieno);
  world.say('300 0712345678 tea');
  await world.press('Send prompt');
  await world.card('KES 300 to Mama Njeri: type the PIN in your phone', otieno);
  await world.pay();
  const receipt = await world.card('Payment receipt, not a tax invoice.', otieno);
  expect(receipt.text).toMatch(
    /^✅ KES 300 · 0712 345 678 · P-\w{5}\nPaid to Mama Njeri \d\d:\d\d\. M-Pesa [A-Z0-9]{10}\ntea\n/,
  );
});
