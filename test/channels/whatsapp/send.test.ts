/** Protects messages from the closed window and from Meta's refusals: each is told otherwise, waited out, held or shown. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { amina, type Cloud, guest, guestLane, inline, lane, startCloud } from './cloud.ts';

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const text = { text: 'Habari' };
const values = ['KES 500', 'Mama Njeri', '21 Nov 14:32', 'TFH774CBH1', 'P-7KQ4M'];
const template = (name: string, presses: string[] = [], over: Record<string, unknown> = {}) => ({
  ...text,
  template: { name, locale: 'en', values, presses, ...over },
});
const held = (rung: boolean) => ({ kind: 'held', detail: expect.any(String), rung });

describe('who it goes to', () => {
  test('a number, or an id where there is none', async () => {
    await cloud.send('sendMessage', text);
    await cloud.send('sendMessage', text, guestLane);
    expect(cloud.bodies()).toMatchObject([
      { to: amina, recipient_type: 'individual' },
      { recipient: guest, recipient_type: 'individual' },
    ]);
    expect(cloud.seen(guest)).toHaveLength(1);
  });

  test('nobody', async () => {
    expect(await cloud.send('sendMessage', text, 'whatsapp:who')).toMatchObject({ kind: 'blocked' });
  });
});

describe('what Telegram does and WhatsApp does not', () => {
  test('is let go', async () => {
    for (const method of ['editMessageReplyMarkup', 'deleteMessage', 'answerCallbackQuery'])
      expect(await cloud.send(method, { message_id: 1 })).toMatchObject({ kind: 'drop' });
    expect(cloud.bodies()).toEqual([]);
  });

  test('a toast is a text, while somebody looks', async () => {
    expect(await cloud.send('answerCallbackQuery', text)).toMatchObject({ kind: 'sent' });
    expect(cloud.seen()).toMatchObject([text]);
    cloud.advanceHours(24);
    expect(await cloud.send('answerCallbackQuery', text)).toMatchObject({ kind: 'drop' });
  });
});

describe('the 24-hour window', () => {
  test('ends two minutes early', async () => {
    cloud.scheduler.advance((24 * 60 - 2) * 60_000 - 1);
    expect(await cloud.send('sendMessage', text)).toMatchObject({ kind: 'sent' });
    cloud.scheduler.advance(1);
    expect(await cloud.send('sendMessage', text)).toEqual(held(false));
  });

  test('is closed for whoever never wrote', async () => {
    cloud.people.set(lane, { kind: 'phone', value: amina, wroteAt: null });
    expect(await cloud.send('sendDocument', { document: {} })).toEqual(held(false));
  });

  test("a customer's receipt is its template", async () => {
    cloud.advanceHours(24);
    const outcome = await cloud.send('sendMessage', template('receipt_customer', ['c:1:me', 'c:1:wrong']));
    const [seen] = cloud.seen();
    expect(outcome).toEqual({ kind: 'sent', externalId: seen?.wamid });
    expect(seen).toMatchObject({
      text: 'Your payment of KES 500 to Mama Njeri was received on 21 Nov 14:32. Receipt TFH774CBH1, our number P-7KQ4M. This is a payment receipt, not a tax invoice.',
      buttons: [[{ text: 'It was me', data: 'c:1:me' }], [{ text: 'Something is wrong', data: 'c:1:wrong' }]],
    });
  });

  test('other templates ring, and the message waits', async () => {
    cloud.advanceHours(24);
    for (const name of ['receipt_merchant', 'approval_wanted'])
      expect(await cloud.send('sendMessage', template(name, [], { locale: 'sw' }))).toEqual({
        ...held(true),
        externalId: expect.stringMatching(/^wamid/),
      });
    expect(cloud.seen().map((one) => one.template)).toEqual(['receipt_merchant', 'approval_wanted']);
    expect(cloud.seen()[0]?.text).toMatch(/^Malipo ya KES 500/);
  });

  test('an open one needs no template', async () => {
    await cloud.send('sendMessage', { ...template('receipt_customer'), ...inline('It was me') });
    expect(cloud.seen()).toMatchObject([{ text: 'Habari', template: null }]);
  });

  test('Meta knows better: the person is marked, and the template goes', async () => {
    cloud.advanceHours(30);
    cloud.people.set(lane, { kind: 'phone', value: amina, wroteAt: cloud.scheduler.now() });
    cloud.control.windowErrors('sync');
    expect(await cloud.send('sendMessage', template('receipt_merchant'))).toEqual({
      ...held(true),
      externalId: expect.stringMatching(/^wamid/),
    });
    expect(await cloud.send('answerCallbackQuery', text)).toMatchObject({ kind: 'drop' });
    expect(cloud.closed).toEqual([lane, lane]);
    expect(cloud.seen()).toMatchObject([{ template: 'receipt_merchant' }]);
  });

  test.each([
    ['PAUSED', 132015],
    ['DISABLED', 132016],
    ['REJECTED', 132001],
  ] as const)('a template that is %s leaves the receipt to others', async (status, code) => {
    cloud.advanceHours(24);
    for (const name of ['receipt_customer', 'approval_wanted'])
      cloud.control.setTemplateStatus(name, 'en', status);
    const receipt = await cloud.send('sendMessage', template('receipt_customer'));
    expect(receipt).toMatchObject({ kind: 'blocked', detail: expect.stringContaining(`#${code}`) });
    expect(await cloud.send('sendMessage', template('approval_wanted'))).toEqual(held(false));
    const warnings = cloud.lines.filter(({ level }) => level === 40);
    expect(warnings).toMatchObject([{ template: 'receipt_customer' }, { template: 'approval_wanted' }]);
  });

  test('so does one that takes other values, or that nobody paid for', async () => {
    cloud.advanceHours(24);
    for (const errorCode of [132000, 132012, 131042, 131008]) {
      cloud.control.failNext({ method: 'messages', times: 1, errorCode });
      expect(await cloud.send('sendMessage', template('receipt_customer'))).toMatchObject({
        kind: 'blocked',
      });
    }
  });

  test('a template that is too fast is tried again', async () => {
    cloud.advanceHours(24);
    cloud.control.failNext({ method: 'messages', times: 1, errorCode: 130429 });
    expect(await cloud.send('sendMessage', template('approval_wanted'))).toMatchObject({ kind: 'retry' });
  });
});

describe('later', () => {
  const fails = async (errorCode: number, status?: number) => {
    cloud.control.failNext({
      method: 'messages',
      times: 1,
      errorCode,
      ...(status !== undefined && { status }),
    });
    return await cloud.send('sendMessage', text);
  };

  test.each([
    [80007, 'channel', 15],
    [4, 'channel', 15],
    [130429, 'channel', 15],
    [131048, 'channel', 300],
    [131056, 'lane', 6],
    [2, 'lane', null],
    [131016, 'lane', null],
    [131000, 'lane', null],
    [131031, 'channel', 60],
    [368, 'channel', 60],
  ])('%i', async (code, scope, afterSeconds) => {
    expect(await fails(code)).toEqual({
      ...{ kind: 'retry', scope, afterSeconds },
      detail: expect.stringContaining(`#${code}`),
    });
  });

  test('a pair that is too fast waits longer each time', async () => {
    const waits = [];
    for (let i = 0; i < 6; i++) waits.push(await fails(131056));
    expect(waits.map((one) => 'afterSeconds' in one && one.afterSeconds)).toEqual([6, 12, 24, 48, 96, 96]);
    expect(await cloud.send('sendMessage', text)).toMatchObject({ kind: 'sent' });
    expect(await fails(131056)).toMatchObject({ afterSeconds: 6 });
  });

  test('what Meta never explains does not hold up a person for ever', async () => {
    for (let i = 0; i < 30; i++) expect(await fails(131000)).toMatchObject({ kind: 'retry' });
    expect(await fails(131000)).toMatchObject({ kind: 'dead' });
  });

  test.each([
    [131026, 'blocked'],
    [131051, 'dead'],
    [100, 'dead'],
  ])('%i is over: %s', async (code, kind) => {
    expect(await fails(code)).toMatchObject({ kind });
  });

  test('a lost answer is asked for again: twice is better than not at all', async () => {
    cloud.control.dropNext({ method: 'messages', times: 1, afterAccepting: true });
    expect(await cloud.send('sendMessage', text)).toMatchObject({
      kind: 'retry',
      afterSeconds: null,
      scope: 'lane',
    });
    expect(await cloud.send('sendMessage', text)).toMatchObject({ kind: 'sent' });
    expect(cloud.seen()).toHaveLength(2);
  });

  test('a message of several parts goes on where it stopped', async () => {
    const long = { text: 'One line of many.\n'.repeat(400), ...inline('Yes') };
    await cloud.send('sendMessage', text);
    cloud.control.limit({ pairEverySeconds: 6, pairBurst: 2, perSecond: 80 });
    expect(await cloud.send('sendMessage', long)).toMatchObject({ kind: 'retry', scope: 'lane' });
    cloud.scheduler.advance(12_000);
    const sent = await cloud.send('sendMessage', long);
    expect(sent).toMatchObject({ kind: 'sent', earlierIds: expect.any(Array) });
    const seen = cloud.seen().slice(1);
    expect(sent.kind === 'sent' && sent.earlierIds).toHaveLength(seen.length - 1);
    expect(seen.map((one) => one.text).join('\n')).toBe(long.text.trim());
  });

  test('a file that is uploaded is not uploaded again', async () => {
    const document = { file: { name: 'a.pdf', mimeType: 'application/pdf', base64: 'JVBERg==' } };
    cloud.control.failNext({ method: 'messages', times: 1, errorCode: 131056 });
    expect(await cloud.send('sendDocument', { document })).toMatchObject({ kind: 'retry' });
    expect(await cloud.send('sendDocument', { document })).toMatchObject({ kind: 'sent' });
    expect(cloud.control.calls('uploadMedia')).toHaveLength(1);
  });
});

test('an expired token keeps every message and is told once, as is its end', async () => {
  cloud.control.expireToken();
  for (let i = 0; i < 3; i++)
    expect(await cloud.send('sendMessage', text)).toMatchObject({
      kind: 'retry',
      scope: 'channel',
      afterSeconds: 60,
    });
  expect(cloud.lines.filter(({ level }) => level === 50)).toMatchObject([
    { msg: expect.stringContaining('WHATSAPP_ACCESS_TOKEN') },
  ]);
  cloud.control.renewToken();
  await cloud.send('sendMessage', text);
  await cloud.send('sendMessage', text);
  expect(cloud.lines.filter(({ level }) => level === 30)).toMatchObject([{ msg: 'WhatsApp works again' }]);
  cloud.control.expireToken();
  await cloud.send('sendMessage', text);
  expect(cloud.lines.filter(({ level }) => level === 50)).toHaveLength(2);
});
