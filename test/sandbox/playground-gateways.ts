/**
 * The choice of the gateway: whoever plays the operator connects each of them with the real command, the shop pays through
 * the one that it chooses, and the story beside it names that one. Also after the desk came back elsewhere.
 */
import { expect, it } from 'vitest';
import { parkedKinds } from '../../src/sandbox/gateway-names.ts';
import { ask, askThrough, cardOf, messagesOf, minutesPass, type Started } from './playground-kit.ts';

const customer = '254712345678';
const other = '254722000111';

interface Place {
  readonly dataDir: string;
  readonly desk: Started;
  /** On another port. */
  restart(): Promise<void>;
}

/** On a desk where no other gateway was connected before. */
export function gatewaysOnTheDesk(place: () => Place): void {
  const storyOf = (gateway: string) =>
    place().desk.desk.until(`the story of a payment through ${gateway}`, ({ payment }) => {
      const told = payment?.timeline.some(({ kind, text }) => kind === 'evidence' && /^Paid/.test(text.en));
      return told === true && payment?.gateway === gateway && payment;
    });

  it('shows them all, and only BluePay connected', () => {
    expect(place().desk.desk.now().gateways).toEqual([
      { kind: 'bluepay', title: 'BluePay', state: 'connected' },
      { kind: 'smartpay', title: 'SmartPay', state: 'none' },
      { kind: 'bosmi', title: 'BOSMI', state: 'none' },
      { kind: 'sayapay', title: 'SayaPay', state: 'none' },
      { kind: 'daraja-php', title: 'Daraja PHP', state: 'none' },
    ]);
  });

  it('connects each of them once, with the operator’s command', async () => {
    await Promise.all(parkedKinds.map((gateway) => place().desk.do({ action: 'connect', gateway })));
    await place().desk.desk.until('all connected', ({ gateways }) =>
      gateways.every(({ state }) => state === 'connected'),
    );
    const again = await place().desk.perform({ action: 'connect', gateway: 'smartpay' });
    expect(again).toEqual({ status: 409, body: { ok: false, error: 'SmartPay is connected already.' } });
  });

  it('pays through BOSMI, which never calls back, and says so by name', async () => {
    await minutesPass(place().dataDir);
    const prompt = await askThrough(place().desk, /Through BOSMI/, '200 0712345678 fish', customer);
    await place().desk.do({ action: 'pin', promptId: prompt.id, pin: '1234' });
    await place().desk.desk.until('a paid card', (state) => cardOf(state, 'shop', /KES 200[\s\S]*Paid/));
    const story = (await storyOf('BOSMI')).timeline.map(({ text }) => text.en);
    expect(story).toContain('To go through BOSMI.');
    expect(story).toContain('BOSMI accepted it: the prompt goes to the phone.');
    expect(story.find((text) => text.startsWith('Paid'))).toMatch(
      /^Paid, proved by a look-up at BOSMI\. \w{10}$/,
    );
    // BOSMI sends no SMS; BluePay does.
    await place().desk.desk.until('an SMS', ({ payment }) =>
      payment?.timeline.some(({ text }) => text.en === 'BluePay sent the SMS to the customer.'),
    );
    const { wire } = place().desk.desk.now();
    expect(wire.filter(({ gateway }) => gateway === 'BOSMI').map(({ path }) => path)).toEqual([
      '/bsmpay/stkpushquery/v3/processrequest',
      '/bsmpay/stkpushquery/v3/query',
    ]);
    // Phones in the form that BOSMI wants are masked as well.
    expect(JSON.stringify(wire)).not.toMatch(/712345678/);
  });

  it('lets the owner make one of them the default, in /settings', async () => {
    await place().desk.do({ action: 'say', person: 'shop', text: '/settings' });
    const choice = await place().desk.desk.until('the settings', (state) =>
      messagesOf(state, 'shop').findLast(({ buttons }) =>
        buttons.flat().some(({ text }) => /SmartPay/.test(text)),
      ),
    );
    const data = choice.buttons.flat().find(({ text }) => /SmartPay/.test(text))?.data;
    await place().desk.do({ action: 'press', person: 'shop', messageId: choice.id, data });
    await place().desk.desk.until('another default', (state) =>
      messagesOf(state, 'shop').some(({ id, buttons }) => {
        const offered = buttons.flat().map(({ text }) => text);
        return id === choice.id && offered.some((text) => /BluePay/.test(text));
      }),
    );
  });

  it('after a restart on another port pays through SmartPay, which calls back there, with the fault that was armed', async () => {
    await place().desk.do({ action: 'fault', name: 'callback-twice', armed: true });
    await place().restart();
    const before = place().desk.desk.now();
    expect(before.gateways.map(({ state }) => state)).toEqual(Array(5).fill('connected'));
    expect(before.faults.filter(({ armed }) => armed)).toMatchObject([{ name: 'callback-twice' }]);
    await minutesPass(place().dataDir);
    const prompt = await ask(place().desk, '310 0722000111 soda', other);
    expect(prompt.merchant).toBe('SMARTPAY');
    expect(
      place()
        .desk.desk.now()
        .faults.filter(({ armed }) => armed),
    ).toEqual([]);
    await place().desk.do({ action: 'pin', promptId: prompt.id, pin: '1234' });
    await place().desk.desk.until('a paid card', (state) => cardOf(state, 'shop', /KES 310[\s\S]*Paid/));
    const { timeline } = await storyOf('SmartPay');
    expect(timeline.map(({ text }) => text.en)).toContain(
      'SmartPay accepted it: the prompt goes to the phone.',
    );
    const calledBack = await place().desk.desk.until('two callbacks', ({ wire }) => {
      const calls = wire.filter(({ from, status }) => from === 'smartpay' && status !== null);
      return calls.length === 2 && calls;
    });
    expect(calledBack.map(({ status }) => status)).toEqual([200, 200]);
    // SmartPay's ids end with the customer's phone.
    expect(JSON.stringify(place().desk.desk.now().wire)).not.toMatch(/722000111|"Bearer|[0-9a-f]{64}/);
  });
}
