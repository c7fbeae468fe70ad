// Protects the strictness of the emulated Cloud API: what Meta's documents do not allow must not pass here.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  accessToken,
  amina,
  brian,
  hidden,
  type Json,
  type Kit,
  numberId,
  startKit,
} from './whatsapp-kit.ts';

let kit: Kit;
beforeEach(async () => {
  kit = await startKit();
});
afterEach(() => kit.close());

const x = (count: number): string => 'x'.repeat(count);
const text = (body: unknown): Json => ({ type: 'text', text: { body } });
const interactive = (fields: Json): Json => ({
  type: 'interactive',
  interactive: { body: { text: 'Which?' }, ...fields },
});
const reply = (id: unknown, title: unknown): Json => ({ type: 'reply', reply: { id, title } });
const buttons = (...given: Json[]): Json => interactive({ type: 'button', action: { buttons: given } });
const list = (sections: Json[], button: unknown = 'Choose'): Json =>
  interactive({ type: 'list', action: { button, sections } });
const rows = (count: number, from = 0): Json[] =>
  Array.from({ length: count }, (_, index) => ({ id: `r${index + from}`, title: `Row ${index + from}` }));
const link = (parameters: Json): Json =>
  interactive({ type: 'cta_url', action: { name: 'cta_url', parameters } });

describe('the door', () => {
  test('a missing, a wrong and an expired token', async () => {
    const path = `/${numberId}/messages`;
    const none = await kit.call(path, { method: 'POST' }, null);
    expect(none).toMatchObject({ status: 401, body: { error: { code: 190, type: 'OAuthException' } } });
    expect((await kit.call(path, { method: 'POST' }, 'EAAother')).status).toBe(401);
    kit.control.expireToken();
    const late = await kit.post(text('Hi'));
    expect(late).toMatchObject({ status: 401, body: { error: { code: 190, error_subcode: 463 } } });
    kit.control.renewToken('EAAnew');
    expect((await kit.post(text('Hi'))).body).toMatchObject({ error: { code: 190, error_subcode: 463 } });
    kit.control.renewToken();
    await kit.text('Hi');
    const told = JSON.stringify(kit.control.calls());
    expect(told).not.toContain(accessToken);
  });

  test('a number that is not ours, a path and a method that are not there', async () => {
    for (const [path, method] of [
      ['/999/messages', 'POST'],
      ['/999/media', 'POST'],
      ['/999', 'GET'],
      [`/${numberId}/messages`, 'GET'],
      [`/${numberId}/everything`, 'POST'],
    ] as const)
      expect(await kit.call(path, { method })).toMatchObject({
        status: 400,
        body: { error: { code: 100, error_subcode: 33, type: 'GraphMethodException' } },
      });
  });

  test('the number tells of itself, field by field', async () => {
    expect((await kit.call(`/${numberId}`)).body).toMatchObject({
      id: numberId,
      quality_rating: 'GREEN',
      display_phone_number: '+254 20 1234567',
    });
    expect((await kit.call(`/${numberId}?fields=status`)).body).toEqual({
      status: 'CONNECTED',
      id: numberId,
    });
    expect((await kit.call(`/${numberId}?fields=colour`)).body).toMatchObject({ error: { code: 100 } });
  });

  test('the error has the shape that Meta documents', async () => {
    expect(await kit.post(text(x(4097)))).toEqual({
      status: 400,
      body: {
        error: {
          message: '(#100) Invalid parameter',
          type: 'OAuthException',
          code: 100,
          error_data: {
            messaging_product: 'whatsapp',
            details: "Param text['body'] must be at most 4096 characters long.",
          },
          fbtrace_id: expect.any(String),
        },
      },
    });
  });
});

describe('texts', () => {
  test('arrive, and are answered with an id of their own', async () => {
    const { body } = await kit.post({ ...text('Habari *yako*'), to: '+254 712-345678' });
    expect(body).toEqual({
      messaging_product: 'whatsapp',
      contacts: [{ input: '+254 712-345678', wa_id: '254712345678' }],
      messages: [{ id: expect.stringMatching(/^wamid\.[A-Za-z0-9+/=]{40,}$/) }],
    });
    expect(kit.control.lastMessage(amina)).toMatchObject({
      text: 'Habari yako',
      html: 'Habari <b>yako</b>',
      fromBot: true,
      kind: 'text',
      buttons: [],
    });
    expect(await kit.text('two')).not.toBe(await kit.text('two'));
  });

  test.each([
    ['500 * 3 * 2 = 3000', '500 * 3 * 2 = 3000'],
    ['*bold _both_* ~gone~', 'bold both gone'],
    ['a_b_c *no', 'a_b_c *no'],
    ['2*3* 4 snake_case_', '2*3* 4 snake_case_'],
    ['`*raw*` ```a\nb```', '*raw* a\nb'],
    ['(*in*), *a*\n*b*', '(in), a\nb'],
  ])('%j is seen as %j', async (sent, seen) => {
    await kit.text(sent);
    expect(kit.control.lastMessage(amina)?.text).toBe(seen);
  });

  test.each<[Json, string]>([
    [{}, '400 131008 The parameter text is required.'],
    [text(''), "400 131008 The parameter text['body'] is required."],
    [text(5), "400 100 Param text['body'] must be a string."],
    [
      { type: 'text', text: { body: 'x', parse_mode: 'HTML' } },
      '400 100 Unexpected key "parse_mode" on param "text".',
    ],
    [{ ...text('x'), reply_markup: {} }, '400 100 Unexpected key "reply_markup" on param "message".'],
    [
      { ...text('x'), messaging_product: 'sms' },
      '400 100 Param messaging_product must be one of {WHATSAPP}.',
    ],
    [{ ...text('x'), to: 'Amina' }, '400 100 Param to is not a phone number.'],
    [{ ...text('x'), to: hidden }, '400 100 Param to is not a phone number.'],
    [{ ...text('x'), recipient_type: 'group' }, '400 100 Param recipient_type must be one of {INDIVIDUAL}.'],
    [{ type: 'poll' }, '400 131051 The message type "poll" is not known to this sandbox.'],
    [
      { ...text('x'), context: { message_id: 'wamid.none' } },
      "400 131009 Param context['message_id'] is not a message of this conversation.",
    ],
  ])('%j is refused', async (body, why) => {
    expect(await kit.refusal(body)).toBe(why);
  });
});

describe('interactive messages', () => {
  test('reply buttons, a list and a link are seen and pressed', async () => {
    await kit.send(buttons(reply('a:1', 'Send prompt'), reply('a:2', 'Cancel')));
    const card = kit.control.lastMessage(amina);
    expect(card?.buttons).toEqual([
      [{ text: 'Send prompt', data: 'a:1', url: null }],
      [{ text: 'Cancel', data: 'a:2', url: null }],
    ]);
    await kit.send(list([{ rows: [{ id: 'm:1', title: 'Today', description: 'Sales' }] }]));
    expect(kit.control.lastMessage(amina)).toMatchObject({ menu: 'Choose', descriptions: ['Sales'] });
    await kit.send(link({ display_text: 'Open', url: 'https://example.test/a' }));
    const page = kit.control.lastMessage(amina)?.id ?? 0;
    expect(() => kit.control.pressButton(amina, page, 'Open')).toThrow('is a link');
    expect(() => kit.control.pressButton(amina, card?.id ?? 0, 'Pay')).toThrow(
      'there is: Send prompt, Cancel',
    );
  });

  test('header, body and footer are one text', async () => {
    const parts = { header: { type: 'text', text: 'Top' }, footer: { text: 'Small' } };
    await kit.send(interactive({ ...parts, type: 'button', action: { buttons: [reply('1', 'OK')] } }));
    expect(kit.control.lastMessage(amina)?.text).toBe('Top\nWhich?\nSmall');
  });

  test('what is just short enough passes', async () => {
    await kit.send(buttons(reply(x(256), x(20)), reply('2', 'b'), reply('3', 'c')));
    await kit.send(
      list(
        [
          { title: x(24), rows: [{ id: x(200), title: x(24), description: x(72) }] },
          { title: 's', rows: rows(9) },
        ],
        x(20),
      ),
    );
    await kit.send(
      interactive({ body: { text: x(1024) }, type: 'button', action: { buttons: [reply('1', 'a')] } }),
    );
  });

  test.each<[string, Json, RegExp]>([
    ['no button', buttons(), /131009 Invalid buttons count/],
    [
      'four buttons',
      buttons(...['1', '2', '3', '4'].map((id) => reply(id, id))),
      /131009 Invalid buttons count/,
    ],
    [
      'a long title',
      buttons(reply('1', x(21))),
      /131009 Button title length invalid. Min length: 1, Max length: 20/,
    ],
    ['an empty title', buttons(reply('1', ' ')), /131009 Button title length invalid/],
    ['the same title', buttons(reply('1', 'a'), reply('2', 'a')), /131009 Duplicated button title/],
    ['the same id', buttons(reply('1', 'a'), reply('1', 'b')), /131009 Duplicated button id/],
    ['a long id', buttons(reply(x(257), 'a')), /131009 Button id length invalid/],
    ['another kind of button', buttons({ type: 'url', url: 'https://x.test' }), /100 Unexpected key "url"/],
    [
      'a long body',
      interactive({ body: { text: x(1025) }, type: 'button', action: { buttons: [reply('1', 'a')] } }),
      /Body text length/,
    ],
    ['no body', { type: 'interactive', interactive: { type: 'button', action: {} } }, /131008/],
    [
      'a long header',
      interactive({
        type: 'button',
        header: { type: 'text', text: x(61) },
        action: { buttons: [reply('1', 'a')] },
      }),
      /Header text length/,
    ],
    [
      'a long footer',
      interactive({ type: 'button', footer: { text: x(61) }, action: { buttons: [reply('1', 'a')] } }),
      /Footer text length/,
    ],
    [
      'eleven rows',
      list([
        { title: 'a', rows: rows(6) },
        { title: 'b', rows: rows(5, 6) },
      ]),
      /Total row count exceed max allowed count: 10/,
    ],
    ['a section without rows', list([{ rows: [] }]), /131009/],
    [
      'sections without titles',
      list([{ rows: rows(1) }, { title: 'b', rows: rows(1, 1) }]),
      /131008 Section title is required/,
    ],
    ['a long section title', list([{ title: x(25), rows: rows(1) }]), /Section title length/],
    ['a long row', list([{ rows: [{ id: '1', title: x(25) }] }]), /Row title length/],
    ['a long description', list([{ rows: [{ id: '1', title: 'a', description: x(73) }] }]), /at most 72/],
    ['a long row id', list([{ rows: [{ id: x(201), title: 'a' }] }]), /Row id length/],
    ['the same row id', list([{ rows: [...rows(1), ...rows(1)] }]), /Duplicated row id/],
    ['a long menu', list([{ rows: rows(1) }], x(21)), /Button label length/],
    ['a long link', link({ display_text: x(21), url: 'https://x.test' }), /Display text length/],
    ['no link', link({ display_text: 'Open', url: 'x.test' }), /131009 URL is not valid/],
    [
      'a flow',
      interactive({ type: 'flow', action: {} }),
      /must be one of \{button, list, cta_url, request_contact_info\}/,
    ],
  ])('%s is refused', async (_, body, why) => {
    expect(await kit.refusal(body)).toMatch(why);
  });
});

describe('the 24-hour window', () => {
  test('closes by the clock, and a text outside it fails later', async () => {
    kit.scheduler.advance(24 * 3600 * 1000);
    await kit.text('too late');
    expect(kit.control.messages(amina)).toEqual([]);
    kit.scheduler.advance(2000);
    await kit.rest();
    expect(kit.statuses()).toMatchObject([
      {
        status: 'failed',
        recipient_id: '254712345678',
        errors: [
          { code: 131047, title: 'Re-engagement message', error_data: { details: expect.any(String) } },
        ],
      },
    ]);
    kit.control.sendText(amina, 'hi');
    await kit.text('in time');
    expect(kit.control.lastMessage(amina)?.text).toBe('in time');
  });

  test('where the control says so, it is refused at once', async () => {
    kit.control.windowErrors('sync');
    expect(await kit.refusal({ ...text('Hi'), to: String(brian) })).toMatch(/^400 131047 /);
  });
});

describe('read marks and reactions', () => {
  test('a message that came is marked read, with those before it', async () => {
    kit.control.sendText(amina, 'one');
    kit.control.sendText(amina, 'two');
    await kit.rest();
    const id = kit.messages().at(-1)?.id;
    const typing: string[] = [];
    kit.control.onChange((change) => change.kind === 'action' && typing.push(change.action));
    const mark = { messaging_product: 'whatsapp', status: 'read', message_id: id, to: undefined };
    expect((await kit.post({ ...mark, typing_indicator: { type: 'text' } })).body).toEqual({ success: true });
    expect(kit.control.messages(amina).map(({ readByBusiness }) => readByBusiness)).toEqual([true, true]);
    expect(typing).toEqual(['typing']);
    expect(await kit.refusal({ ...mark, message_id: 'wamid.none' })).toMatch(/^400 131009/);
    const sent = await kit.text('ours');
    expect(await kit.refusal({ ...mark, message_id: sent })).toMatch(/^400 131009/);
  });

  test("another person's message cannot be answered", async () => {
    const id = await kit.text('ours');
    kit.control.sendText(brian, 'hi');
    const body = { ...text('x'), context: { message_id: id } };
    expect(await kit.refusal({ ...body, to: String(brian) })).toMatch(/^400 131009/);
    await kit.send(body);
    expect(kit.control.lastMessage(amina)?.replyTo).toBe(kit.control.messages(amina)[0]?.id);
  });

  test('a reaction is shown on the message and is none itself', async () => {
    const id = kit.control.sendText(amina, 'one');
    await kit.rest();
    await kit.send({ type: 'reaction', reaction: { message_id: kit.messages()[0]?.id, emoji: '✅' } });
    expect(kit.control.messages(amina)).toMatchObject([{ id, reaction: '✅' }]);
    expect(await kit.refusal({ type: 'reaction', reaction: { message_id: 'no', emoji: '✅' } })).toMatch(
      /131009/,
    );
  });
});

describe('a request for the number', () => {
  const request = (fields: Json = {}): Json => ({
    ...{ to: undefined, recipient: hidden },
    ...interactive({ type: 'request_contact_info', action: { name: 'request_contact_info' }, ...fields }),
  });

  test('is answered by a press with a contact that WhatsApp vouches for; a contact sent by hand is none', async () => {
    kit.control.addPerson({ id: hidden, firstName: 'Hadija', phone: '254733000111' });
    await kit.send(request());
    const asked = kit.control.lastMessage(hidden);
    kit.control.pressButton(hidden, asked?.id ?? 0, 'Share contact info');
    kit.control.shareOwnPhone(hidden);
    await kit.rest();
    const contacts = kit.messages().flatMap(({ contacts: given }) => given as Json[]);
    expect(contacts).toMatchObject([
      { origin: 'contact_request', phones: [{ phone: '+254733000111', wa_id: '254733000111' }] },
      { phones: [{ phone: '+254733000111' }] },
    ]);
    expect(contacts[1]).not.toHaveProperty('origin');
  });

  test.each<[string, Json, RegExp]>([
    ['a header', { header: { type: 'text', text: 'Hi' } }, /header/],
    ['a long body', { body: { text: x(1025) } }, /Body text length invalid/],
    ['another action', { action: { name: 'send_location' } }, /Action name must be request_contact_info/],
    ['more in its action', { action: { name: 'request_contact_info', button: 'Share' } }, /button/],
  ])('is refused with %s', async (_what, fields, why) => {
    expect(await kit.refusal(request(fields))).toMatch(why);
  });
});

test('24 hours that pass for one chat close its window until the person writes', async () => {
  kit.control.closeWindow(amina);
  expect([kit.control.windowOpen(amina), kit.control.windowOpen(hidden)]).toEqual([false, true]);
  kit.control.windowErrors('sync');
  expect(await kit.refusal(text('Hi'))).toContain('131047');
  kit.control.sendText(amina, 'Here again');
  expect(kit.control.windowOpen(amina)).toBe(true);
  await kit.text('Hi');
});
