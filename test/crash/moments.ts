/** Every border of a payment's path, and how the program is stopped there. */
import { sql } from 'kysely';
import { expect } from 'vitest';
import type { AttemptId } from '../../src/domain/ids.ts';
import type { Part } from './death.ts';
import type { RowGate } from './gate.ts';
import { laneOf, type Scene, type Stage, type Step } from './scene.ts';
import { until } from './until.ts';
import type { WireTap } from './wire-tap.ts';

export interface Moment {
  readonly name: string;
  /** How far the payment goes before. */
  readonly from: Stage;
  /** What people do then. */
  readonly step?: Step;
  /** The row at which it is stopped; otherwise `held`, or `seen`, or nothing of it is under way. */
  readonly gate?: (scene: Scene) => RowGate | Promise<RowGate>;
  readonly held?: (scene: Scene, tap: WireTap) => Promise<void>;
  readonly seen?: (scene: Scene, kill: () => void) => () => void;
  readonly whileDead?: (scene: Scene) => Promise<void>;
  /** Where the truth is that nobody knows: nothing proves that the request never arrived. */
  readonly ends?: 'unknown';
  /** A message whose sending was not committed may come again. */
  readonly cardTwice?: true;
}

export function partOf(moment: Moment, scene: Scene, tap: WireTap): Part {
  const { from, step, gate, held, seen, whileDead } = moment;
  return {
    prepare: () => scene.reach(from),
    ...(gate && { gate: () => gate(scene) }),
    ...(held && { held: () => held(scene, tap) }),
    ...(seen && { seen: (kill: () => void) => seen(scene, kill) }),
    ...(step && { act: () => scene.do(step) }),
    ...(whileDead && { whileDead: () => whileDead(scene) }),
  };
}

const ownChat = ({ person }: Scene): string => `new.lane = '${laneOf(person)}'`;
const ownAmount = ({ amountKes }: Scene): string => `new.amount_cents = ${amountKes * 100}`;
/** Of a payment that has its prompt. */
async function ownAttempt({ db, note }: Scene): Promise<string> {
  const { rows } = await sql<{ id: AttemptId }>`
    select attempt.id from attempt join payment on payment.id = payment_id where note = ${note}`.execute(db);
  return `new.attempt_id = '${rows[0]?.id}'`;
}

/** The program has claimed it, and knows nothing more. */
async function expectSending({ db, note }: Scene): Promise<void> {
  const { rows } = await sql`
    select attempt.state from attempt join payment on payment.id = payment_id where note = ${note}`.execute(
    db,
  );
  expect(rows).toEqual([{ state: 'sending' }]);
}

/** Each list is one death: what is stopped in one place leaves the way of the others free. The last is `seen`. */
export const deaths: readonly (readonly Moment[])[] = [
  [
    {
      name: 'in the turn of the press',
      ...{ from: 'confirm', step: 'press' },
      gate: (scene) => ({ table: 'attempt', on: 'insert', when: ownAmount(scene) }),
    },
    {
      name: 'the callback was answered 200, its money is not in the ledger',
      ...{ from: 'prompt', step: 'pay' },
      gate: (scene) => ({ table: 'ledger', on: 'insert', when: ownAmount(scene) }),
      whileDead: async ({ shop, msisdn }) => {
        const { control } = shop.bluepay;
        await control.idle();
        const told = control.webhooks().filter(({ body }) => JSON.stringify(body).includes(msisdn));
        expect(told.map(({ status }) => status)).toEqual([200]);
      },
    },
    {
      name: 'the gateway has accepted, we have not written it',
      ...{ from: 'confirm', step: 'press' },
      gate: (scene) => ({
        table: 'attempt',
        on: 'update',
        when: `new.state = 'prompted' and ${ownAmount(scene)}`,
      }),
    },
    {
      name: 'the callback is being stored',
      ...{ from: 'prompt', step: 'pay' },
      gate: async (scene) => ({ table: 'inbox', on: 'insert', when: await ownAttempt(scene) }),
    },
    {
      name: 'settled, the receipt is not handed over',
      ...{ from: 'prompt', step: 'pay' },
      gate: (scene) => ({
        table: 'outbox',
        on: 'update',
        when: `new.lease_token is not null and ${ownChat(scene)}`,
      }),
    },
    { name: 'the prompt is on the phone', from: 'prompt' },
    {
      name: 'between the intent and the gateway',
      ...{ from: 'confirm', step: 'press', ends: 'unknown' },
      held: (_, tap) => tap.loseNext('/api/stk_push.php'),
      whileDead: expectSending,
    },
    {
      name: 'Telegram hands the update over',
      ...{ from: 'nothing', step: 'ask' },
      seen: (scene, kill) => onCall(scene, 'getUpdates', kill),
    },
  ],
  [
    {
      name: 'in the turn of the line',
      ...{ from: 'nothing', step: 'ask' },
      gate: (scene) => ({ table: 'payment', on: 'insert', when: ownAmount(scene) }),
    },
    {
      name: 'the turn of the line is written, not committed',
      ...{ from: 'nothing', step: 'ask' },
      gate: (scene) => ({ table: 'inbox', on: 'update', when: ownChat(scene) }),
    },
    {
      name: 'Telegram has the card, we have not heard',
      ...{ from: 'nothing', step: 'ask', cardTwice: true },
      gate: (scene) => ({ table: 'outbox', on: 'update', when: `new.state = 'sent' and ${ownChat(scene)}` }),
    },
    {
      name: 'the settlement is written, not committed',
      ...{ from: 'prompt', step: 'pay' },
      gate: async (scene) => ({ table: 'inbox', on: 'update', when: await ownAttempt(scene) }),
    },
    {
      name: 'the intent is being claimed',
      ...{ from: 'confirm', step: 'press' },
      gate: (scene) => ({
        table: 'attempt',
        on: 'update',
        when: `new.state = 'sending' and ${ownAmount(scene)}`,
      }),
    },
    {
      name: 'the customer pays while nobody listens',
      from: 'prompt',
      whileDead: async (scene) => {
        scene.do('pay');
        await scene.shop.bluepay.control.idle();
      },
    },
    {
      name: 'the gateway is slow with its answer',
      ...{ from: 'confirm', step: 'press' },
      held: ({ shop }) => {
        const { control } = shop.bluepay;
        control.arm('slow', 60_000);
        const before = control.stks().length;
        return until('the gateway has the request', () => control.stks().length > before).then(
          () => undefined,
        );
      },
      whileDead: expectSending,
    },
    {
      // After it nobody is heard in this death.
      name: 'the update is being stored',
      ...{ from: 'nothing', step: 'ask' },
      gate: (scene) => ({ table: 'inbox', on: 'insert', when: ownChat(scene) }),
    },
    {
      name: 'Telegram has the receipt, we have not heard',
      ...{ from: 'prompt', step: 'pay' },
      seen: (scene, kill) => onCall(scene, 'editMessageText', kill),
    },
  ],
];

/** Telegram has done what it was asked for in the person's chat; its answer is written after the listeners ran. */
function onCall({ shop, person }: Scene, method: string, kill: () => void): () => void {
  const { control } = shop.telegram;
  const isOf = new RegExp(`\\b${person}\\b`);
  return control.onChange((change) => {
    if (change.kind !== 'call' || change.method !== method) return;
    const call = control.calls(method).at(-1);
    if (call?.answer?.ok && isOf.test(JSON.stringify([call.params, call.answer.result]))) kill();
  });
}
