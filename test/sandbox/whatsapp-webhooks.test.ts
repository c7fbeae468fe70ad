// Protects the way back from the emulated Cloud API: what people do arrives as Meta documents it, signed, once taken.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { amina, brian, hidden, type Json, type Kit, numberId, openHook, startKit } from './whatsapp-kit.ts';

let kit: Kit;
beforeEach(async () => {
  kit = await startKit();
});
afterEach(() => kit.close());

const card: Json = {
  type: 'interactive',
  interactive: {
    type: 'button',
    body: { text: 'Send?' },
    action: { buttons: [{ type: 'reply', reply: { id: 'p:1', title: 'Send prompt' } }] },
  },
};

describe('what people send', () => {
  test('a text in its whole envelope', async () => {
    kit.control.sendText(amina, 'Habari');
    await kit.rest();
    expect(JSON.parse(kit.hook.arrived[0]?.body ?? '')).toEqual({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '102290129340398',
          changes: [
            {
              field: 'messages',
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: '254201234567', phone_number_id: numberId },
                contacts: [{ profile: { name: 'Amina' }, wa_id: '254712345678' }],
                messages: [
                  {
                    from: '254712345678',
                    id: expect.stringMatching(/^wamid\./),
                    timestamp: '1795260660',
                    type: 'text',
                    text: { body: 'Habari' },
                  },
                ],
              },
            },
          ],
        },
      ],
    });
  });

  test('a person without a phone is known by the business-scoped id alone, and answered by it', async () => {
    kit.control.sendText(hidden, 'hi');
    await kit.rest();
    expect(kit.values()[0]).toMatchObject({
      contacts: [{ profile: { name: 'Hadija', username: 'hadija' }, user_id: hidden }],
    });
    expect(kit.messages()[0]).toMatchObject({ from_user_id: hidden });
    expect(JSON.stringify(kit.values())).not.toMatch(/"wa_id"|"from":/);
    const { body } = await kit.post({ to: undefined, recipient: hidden, type: 'text', text: { body: 'yo' } });
    expect(body).toMatchObject({ contacts: [{ input: hidden, user_id: hidden }] });
    expect(kit.control.lastMessage(hidden)?.text).toBe('yo');
    kit.scheduler.advance(2000);
    await kit.rest();
    expect(kit.statuses().at(-1)).toMatchObject({ status: 'delivered', recipient_user_id: hidden });
    expect(kit.statuses().at(-1)).not.toHaveProperty('recipient_id');
    expect(kit.values().at(-1)?.contacts).toMatchObject([{ user_id: hidden }]);
    expect(await kit.refusal({ to: undefined, recipient: 'Hadija', type: 'text' })).toMatch(/^400 100/);
  });

  test('presses name the message that was pressed', async () => {
    const sent = await kit.send(card);
    const wamid = kit.control.pressButton(amina, kit.control.lastMessage(amina)?.id ?? 0, 'Send prompt');
    const rows = [{ id: 'm:1', title: 'Today', description: 'Sales' }];
    await kit.send({
      type: 'interactive',
      interactive: {
        type: 'list',
        body: { text: 'Menu' },
        action: { button: 'Choose', sections: [{ rows }] },
      },
    });
    kit.control.pressButton(amina, kit.control.lastMessage(amina, { fromBot: true })?.id ?? 0, 'Today');
    kit.control.pressRaw(amina, kit.control.lastMessage(amina, { fromBot: true })?.id ?? 0, 'm:forged');
    await kit.rest();
    expect(kit.messages()).toMatchObject([
      {
        id: wamid,
        type: 'interactive',
        context: { from: '254201234567', id: sent },
        interactive: { type: 'button_reply', button_reply: { id: 'p:1', title: 'Send prompt' } },
      },
      {
        interactive: { type: 'list_reply', list_reply: { id: 'm:1', title: 'Today', description: 'Sales' } },
      },
      { interactive: { type: 'list_reply', list_reply: { id: 'm:forged' } } },
    ]);
    expect(kit.control.messages(amina).map(({ text }) => text)).toContain('Send prompt');
  });

  test('every other kind', async () => {
    const first = kit.control.sendText(amina, 'first');
    kit.control.sendText(amina, 'answer', { replyTo: first });
    kit.control.sendText(amina, 'gossip', { forwardFrom: 'somebody' });
    kit.control.shareContact(amina, { phone: '+254 733 000 222', firstName: 'Otieno' });
    kit.control.shareOwnPhone(amina);
    kit.control.sendPhoto(amina, Buffer.from('jpeg'), 'look');
    kit.control.sendVoice(amina);
    kit.control.sendSticker(amina);
    kit.control.sendLocation(amina);
    kit.control.sendUnsupported(amina);
    kit.control.editText(amina, first, 'changed');
    kit.control.react(amina, first, '👍');
    kit.control.changeNumber(amina, '254700000009');
    await kit.rest();
    const [one, ...rest] = kit.messages();
    expect(rest).toMatchObject([
      { type: 'text', context: { from: '254712345678', id: one?.id } },
      { type: 'text', context: { forwarded: true } },
      {
        type: 'contacts',
        contacts: [
          { name: { formatted_name: 'Otieno' }, phones: [{ phone: '+254733000222', wa_id: '254733000222' }] },
        ],
      },
      { type: 'contacts', contacts: [{ phones: [{ wa_id: '254712345678' }] }] },
      { type: 'image', image: { mime_type: 'image/jpeg', caption: 'look', id: expect.any(String) } },
      { type: 'audio', audio: { voice: true, mime_type: 'audio/ogg; codecs=opus' } },
      { type: 'sticker', sticker: { mime_type: 'image/webp', animated: false } },
      { type: 'location', location: { latitude: expect.any(Number) } },
      { type: 'unsupported', errors: [{ code: 131051 }], unsupported: { type: 'poll_creation' } },
      { type: 'unsupported', unsupported: { type: 'edit' } },
      { type: 'reaction', reaction: { message_id: one?.id, emoji: '👍' } },
      { type: 'system', system: { type: 'user_changed_number', wa_id: '254700000009' } },
    ]);
    expect(kit.values().at(-1)).not.toHaveProperty('contacts');
    expect(kit.control.messages(amina)[0]).toMatchObject({ text: 'changed', edits: 1, reaction: '👍' });
  });
});

describe('statuses', () => {
  const told = () => kit.statuses().map(({ status }) => status);

  test('sent, delivered and read, with what it costs', async () => {
    const id = await kit.send({ ...card, biz_opaque_callback_data: 'row 7' });
    expect(told()).toEqual([]);
    kit.scheduler.advance(2000);
    await kit.rest();
    kit.control.open(amina);
    kit.control.open(amina);
    await kit.rest();
    expect(told()).toEqual(['sent', 'delivered', 'read']);
    expect(kit.statuses()[0]).toMatchObject({
      ...{ id, recipient_id: '254712345678', biz_opaque_callback_data: 'row 7' },
      conversation: { origin: { type: 'service' }, expiration_timestamp: expect.any(String) },
      pricing: { billable: false, pricing_model: 'PMP', category: 'service', type: 'free_customer_service' },
    });
  });

  test('read at once is never told as delivered', async () => {
    await kit.text('Hi');
    kit.control.open(amina);
    kit.scheduler.advance(2000);
    await kit.rest();
    expect(told()).toEqual(['read']);
  });

  test('a phone that cannot be reached, a block, a number that nobody has, and a failure by order', async () => {
    kit.control.setUnreachable(amina, true);
    await kit.text('one');
    kit.control.setUnreachable(amina, false);
    kit.control.block(amina);
    await kit.text('two');
    kit.control.unblock(amina);
    await kit.text('three', 254799999999);
    kit.control.failDeliveries({ times: 1, code: 131000 });
    await kit.text('four');
    await kit.text('five');
    kit.control.failLate(kit.control.lastMessage(amina)?.id ?? 0, 131026);
    kit.scheduler.advance(2000);
    await kit.rest();
    expect(
      kit
        .statuses()
        .map(({ errors }) => (errors as { code: number }[])[0]?.code)
        .toSorted(),
    ).toEqual([131000, 131026, 131026, 131026, 131026]);
    expect(kit.control.messages(amina).map(({ text }) => text)).toEqual(['five']);
    expect(kit.control.sent(amina).map(({ status }) => status)).toEqual([
      'failed',
      'failed',
      'failed',
      'failed',
    ]);
    expect(kit.control.users().map(({ firstName }) => firstName)).toEqual(['Amina', 'Brian', 'Hadija']);
  });
});

describe('the way to the webhook', () => {
  test('is subscribed to by a handshake, and silent before it', async () => {
    const other = await startKit();
    other.control.unsubscribe();
    other.control.sendText(amina, 'nobody listens');
    expect(other.control.pendingUpdates()).toBe(0);
    expect(await other.control.subscribe('http://127.0.0.1:9/hook')).toMatchObject({ verified: false });
    expect(
      await other.control.subscribe(other.hook.url.replace('hook', 'x?hub.verify_token=mine')),
    ).toMatchObject({
      verified: true,
    });
    other.control.sendText(amina, 'now');
    await other.rest();
    expect(other.messages()).toMatchObject([{ text: { body: 'now' } }]);
    await other.close();
  });

  test('what is held when nobody listens any more is forgotten', async () => {
    kit.control.hold('message');
    kit.control.sendText(amina, 'lost');
    kit.control.unsubscribe();
    expect([kit.control.held(), kit.control.pendingUpdates()]).toEqual([[], 0]);
  });

  test('signs the very bytes, in which letters beyond ASCII are escaped', async () => {
    kit.control.sendText(amina, 'Ndiyo 😀 é 1/2');
    await kit.rest();
    const [post] = kit.hook.arrived;
    expect(post?.signed).toBe(true);
    expect(post?.body).toContain('Ndiyo \\ud83d\\ude00 \\u00e9 1\\/2');
    expect(kit.messages()).toMatchObject([{ text: { body: 'Ndiyo 😀 é 1/2' } }]);
  });

  test('is tried again with growing pauses, and the others do not wait', async () => {
    kit.hook.status = 500;
    kit.control.sendText(amina, 'one');
    await kit.rest();
    kit.hook.status = 200;
    kit.control.sendText(amina, 'two');
    await kit.rest();
    kit.scheduler.advance(2000);
    await kit.rest();
    expect(kit.control.posts().map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [1, 200],
      [2, 200],
    ]);
    expect(kit.hook.arrived[0]?.body).toBe(kit.hook.arrived[2]?.body);
  });

  test('a webhook that is away is found again without the clock', async () => {
    await kit.hook.close();
    kit.control.sendText(amina, 'one');
    await kit.rest();
    const back = await openHook();
    await kit.control.subscribe(back.url);
    await kit.rest();
    expect(back.arrived).toHaveLength(1);
    back.status = 401;
    kit.control.sendText(amina, 'two');
    await kit.rest();
    back.status = 200;
    kit.control.redeliver();
    await kit.rest();
    expect(back.arrived).toHaveLength(3);
    await back.close();
  });

  test('may hold, batch, lose and turn around', async () => {
    kit.control.hold();
    kit.control.sendText(amina, 'one');
    await kit.text('answer');
    kit.scheduler.advance(2000);
    kit.control.sendText(brian, 'two');
    kit.control.accountError(130429);
    expect(kit.control.held()).toHaveLength(5);
    expect(kit.control.pendingUpdates()).toBe(0);
    kit.control.release({ together: true, reversed: true, keep: ({ status }) => status?.status !== 'sent' });
    await kit.rest();
    expect(kit.hook.arrived).toHaveLength(1);
    expect(kit.messages()).toMatchObject([{ text: { body: 'two' } }, { text: { body: 'one' } }]);
    expect(kit.values()[0]?.contacts).toHaveLength(2);
    expect(kit.statuses()).toMatchObject([{ status: 'delivered' }]);
    expect(kit.values().at(-1)?.errors).toMatchObject([{ code: 130429, title: 'Rate limit hit' }]);
  });

  test('may say it twice, sign it wrongly and name another number', async () => {
    kit.control.duplicateNext();
    kit.control.sendText(amina, 'twice');
    await kit.rest();
    expect(kit.hook.arrived.map(({ signed }) => signed)).toEqual([true, true]);
    expect(kit.hook.arrived[0]?.body).toBe(kit.hook.arrived[1]?.body);
    kit.hook.status = 401;
    kit.control.signWrongly(1);
    kit.control.sendText(amina, 'forged');
    await kit.rest();
    kit.control.signWrongly(1, 'missing');
    kit.control.sendText(amina, 'bare');
    await kit.rest();
    expect(kit.hook.arrived.slice(2).map(({ signature, signed }) => [signature?.length, signed])).toEqual([
      [71, false],
      [undefined, false],
    ]);
    kit.hook.status = 200;
    kit.control.foreignNumber(1);
    kit.control.sendText(amina, 'elsewhere');
    await kit.rest();
    expect(kit.values().at(-1)?.metadata).toMatchObject({ phone_number_id: '999999999999999' });
    kit.scheduler.advance(3600 * 1000);
    await kit.rest();
    expect(kit.hook.arrived).toHaveLength(5);
  });
});
