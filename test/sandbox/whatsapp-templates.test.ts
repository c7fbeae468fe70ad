// Protects what the emulated Cloud API says of templates and media: names, languages, places, sizes and types.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accessToken, amina, brian, type Json, type Kit, numberId, startKit } from './whatsapp-kit.ts';

let kit: Kit;
beforeEach(async () => {
  kit = await startKit();
});
afterEach(() => kit.close());

const values = ['KES 500', 'Mama Njeri', '21 Nov 14:32', 'TFH774CBH1', 'R-12'];
const body = (texts: readonly string[]): Json => ({
  type: 'body',
  parameters: texts.map((text) => ({ type: 'text', text })),
});
const quick = (index: unknown, payload: unknown): Json => ({
  ...{ type: 'button', sub_type: 'quick_reply', index },
  parameters: [{ type: 'payload', payload }],
});
const template = (components: Json[], name = 'receipt_customer', code = 'en', to = brian): Json => ({
  to: String(to),
  type: 'template',
  template: { name, language: { code }, components },
});

describe('templates', () => {
  test('reach who never wrote, with the values in their places, and are pressed', async () => {
    const { body: given } = await kit.post(template([body(values), quick('0', 'c:me'), quick(1, 'c:wrong')]));
    expect(given).toMatchObject({ messages: [{ message_status: 'accepted' }] });
    const seen = kit.control.lastMessage(brian);
    expect(seen?.text).toBe(
      'Your payment of KES 500 to Mama Njeri was received on 21 Nov 14:32. Receipt TFH774CBH1, our number R-12. This is a payment receipt, not a tax invoice.',
    );
    expect(seen?.buttons.flat().map(({ text, data }) => [text, data])).toEqual([
      ['It was me', 'c:me'],
      ['Something is wrong', 'c:wrong'],
    ]);
    kit.control.pressButton(brian, seen?.id ?? 0, 'Something is wrong');
    await kit.rest();
    expect(kit.messages()).toMatchObject([
      {
        from: String(brian),
        type: 'button',
        button: { payload: 'c:wrong', text: 'Something is wrong' },
        context: { from: '254201234567', id: seen?.wamid },
      },
    ]);
  });

  test('a button without a payload gives back its own words', async () => {
    await kit.send(template([body(values)], 'receipt_customer', 'sw'));
    expect(kit.control.lastMessage(brian)?.buttons[0]?.[0]).toMatchObject({ data: 'Ndiyo, ni mimi' });
  });

  test.each<[string, Json, RegExp]>([
    [
      'an unknown name',
      template([], 'nothing'),
      /^404 132001 template name \(nothing\) does not exist in en$/,
    ],
    ['another language', template([body(values)], 'receipt_customer', 'fr'), /^404 132001/],
    [
      'a value too few',
      template([body(values.slice(1))]),
      /^400 132000 body: number of localizable_params \(4\).*\(5\)$/,
    ],
    ['no values', template([]), /^400 132000/],
    [
      'a line break',
      template([body([...values.slice(1), 'a\nb'])]),
      /^400 132018 Param text cannot have new-line/,
    ],
    ['a tab', template([body([...values.slice(1), 'a\tb'])]), /^400 132018/],
    ['five spaces', template([body([...values.slice(1), 'a     b'])]), /^400 132018/],
    [
      'an empty value',
      template([body([...values.slice(1), ''])]),
      /^400 131008 Parameter of type text is missing/,
    ],
    ['a button that is not there', template([body(values), quick(2, 'x')]), /^400 132012/],
    [
      'another kind of button',
      template([body(values), { ...quick(0, 'x'), sub_type: 'url' }]),
      /^400 132012/,
    ],
    ['a button twice', template([body(values), quick(0, 'x'), quick(0, 'y')]), /^400 100/],
    ['a long payload', template([body(values), quick(0, 'x'.repeat(129))]), /^400 100/],
    ['a strange component', template([body(values), { type: 'footer' }]), /^400 100/],
    ['too long a text', template([body([...values.slice(1), 'x'.repeat(1000)])]), /^400 132005/],
  ])('%s is refused', async (_, message, why) => {
    expect(await kit.refusal(message)).toMatch(why);
    expect(kit.control.messages(brian)).toEqual([]);
  });

  test('what is not approved does not go out', async () => {
    const order = template([body(values)]);
    for (const [status, code] of [
      ['PENDING', '404 132001'],
      ['REJECTED', '404 132001'],
      ['PAUSED', '400 132015'],
      ['DISABLED', '400 132016'],
    ] as const) {
      kit.control.setTemplateStatus('receipt_customer', 'en', status);
      expect(await kit.refusal(order)).toContain(code);
    }
    kit.control.setTemplateStatus('receipt_customer', 'en', 'APPROVED');
    await kit.send(order);
  });
});

describe('media', () => {
  async function upload(bytes: Buffer, type: string, name = 'file', fields: Json = {}) {
    const form = new FormData();
    const all = { messaging_product: 'whatsapp', type, ...fields };
    for (const [key, value] of Object.entries(all)) if (value !== undefined) form.set(key, String(value));
    form.set('file', new Blob([new Uint8Array(bytes)], { type }), name);
    return kit.call(`/${numberId}/media`, { method: 'POST', body: form });
  }
  const pdf = Buffer.from('%PDF-1.7 receipt');

  test('an upload goes out as a document with a name and a caption', async () => {
    const { body: given } = await upload(pdf, 'application/pdf', 'r.pdf');
    const document = { id: given.id, filename: 'R-12.pdf', caption: 'Your _receipt_' };
    await kit.send({ type: 'document', document });
    const seen = kit.control.lastMessage(amina);
    expect(seen).toMatchObject({
      kind: 'document',
      text: 'Your receipt',
      file: { name: 'R-12.pdf', mimeType: 'application/pdf' },
    });
    expect(kit.control.file(seen?.file?.id ?? '')?.bytes).toEqual(pdf);
    expect(await kit.refusal({ type: 'image', image: { id: given.id } })).toMatch(/^400 131009/);
    expect(
      await kit.refusal({ type: 'document', document: { ...document, caption: 'x'.repeat(1025) } }),
    ).toMatch(/at most 1024/);
    kit.scheduler.advance(30 * 24 * 3600 * 1000);
    expect(await kit.refusal({ type: 'document', document })).toMatch(/^400 131009/);
  });

  test('types and sizes', async () => {
    const refused = async (answer: ReturnType<typeof upload>) => {
      const { status, body: given } = await answer;
      const error = given.error as { code: number; error_data: { details: string } };
      return `${status} ${error.code} ${error.error_data.details}`;
    };
    expect(await refused(upload(pdf, 'text/csv'))).toMatch(/^400 100 Param file must be a file with one of/);
    expect(await refused(upload(Buffer.alloc(0), 'application/pdf'))).toMatch(/^400 100/);
    expect(await refused(upload(Buffer.alloc(5 * 1024 * 1024 + 1), 'image/png'))).toMatch(/^400 131053/);
    expect(await refused(upload(pdf, 'application/pdf', 'x', { messaging_product: undefined }))).toMatch(
      /^400 100/,
    );
    expect((await upload(Buffer.alloc(5 * 1024 * 1024), 'image/png')).status).toBe(200);
    expect(await kit.refusal({ type: 'document', document: {} })).toMatch(/^400 131008/);
    expect(await kit.refusal({ type: 'document', document: { id: '12' } })).toMatch(/^400 131009/);
  });

  test('what a person sends is fetched with the token, for five minutes', async () => {
    kit.control.sendDocument(
      amina,
      { name: 'pay.csv', mimeType: 'text/csv', bytes: Buffer.from('a,b') },
      'here',
    );
    await kit.rest();
    const [message] = kit.messages() as { document: { id: string } }[];
    expect(message).toMatchObject({
      type: 'document',
      document: { filename: 'pay.csv', mime_type: 'text/csv', caption: 'here', sha256: expect.any(String) },
    });
    const { body: info } = await kit.call(`/${message?.document.id}`);
    expect(info).toMatchObject({ mime_type: 'text/csv', file_size: 3, messaging_product: 'whatsapp' });
    const get = (token: string) => fetch(String(info.url), { headers: { authorization: `Bearer ${token}` } });
    expect((await get('EAAother')).status).toBe(401);
    expect(await (await get(accessToken)).text()).toBe('a,b');
    kit.scheduler.advance(5 * 60 * 1000 + 1);
    expect((await get(accessToken)).status).toBe(404);
    kit.scheduler.advance(7 * 24 * 3600 * 1000);
    expect(await kit.call(`/${message?.document.id}`)).toMatchObject({
      status: 400,
      body: { error: { error_subcode: 33 } },
    });
    expect((await kit.call('/123')).status).toBe(400);
  });

  test('a link is fetched by the platform, and what cannot be fetched fails later', async () => {
    await kit.send({ type: 'document', document: { link: `${kit.hook.url}/none` } });
    kit.scheduler.advance(2000);
    await kit.rest();
    expect(kit.statuses()).toMatchObject([{ status: 'failed', errors: [{ code: 131053 }] }]);
    expect(await kit.refusal({ type: 'image', image: { link: 'ftp://x.test/a.png' } })).toMatch(
      /^400 131009/,
    );
  });
});
