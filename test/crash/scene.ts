/** One payment on its way through a program that dies: what people do, each of it once, and what is seen of it. */
import { sql } from 'kysely';
import type { Database } from '../../src/db/tables.ts';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import type { Shop } from './shop.ts';
import { until } from './until.ts';

export interface SceneOptions {
  readonly shop: Shop;
  readonly db: Database;
  readonly person: number;
  readonly msisdn: string;
  readonly amountKes: number;
  /** Names the payment in the database, as its amount names it on cards; no other payment has either. */
  readonly note: string;
}

export type Step = 'ask' | 'press' | 'pay';
export type Stage = 'nothing' | 'confirm' | 'prompt';

export interface Scene extends SceneOptions {
  /** What people do. A step that was done is not done again: what it brought must not be lost. */
  do(step: Step): void;
  /** Goes as far as the stage, and until nothing is left to be said. */
  reach(stage: Stage): Promise<void>;
  /** Goes on from wherever it stands until the card says one of both. */
  finish(): Promise<'paid' | 'unknown'>;
  /** The cards of this payment, the newest first. */
  cards(): readonly SeenMessage[];
  seen(): string;
}

/** Between two look-ups that the test brings forward. */
const hurryMs = 250;

export function openScene(options: SceneOptions): Scene {
  const { shop, db, person, msisdn, amountKes, note } = options;
  const done = new Set<Step>();
  let hurriedAt = 0;
  const acts = {
    ask: () => shop.telegram.control.sendText(person, `${amountKes} 0${msisdn.slice(3)} ${note}`),
    press: () => shop.press(person, 'Send prompt'),
    pay: () => shop.enterPin(msisdn),
  } satisfies Record<Step, () => unknown>;
  const act = (step: Step): void => {
    if (done.has(step)) return;
    acts[step]();
    done.add(step);
  };
  const cards = () => shop.cards(person, `KES ${amountKes} `);
  const card = () => cards()[0];
  const asks = (): boolean =>
    card()
      ?.buttons.flat()
      .some(({ text }) => text === 'Send prompt') ?? false;
  const seen = (): string =>
    shop.telegram.control
      .messages(person)
      .map((message) => `${message.fromBot ? '<' : '>'} ${message.text}`)
      .join('\n');

  async function reach(stage: Stage): Promise<void> {
    if (stage === 'nothing') return;
    act('ask');
    await until(`the card asks to be sent: ${note}`, asks, seen);
    if (stage === 'prompt') {
      act('press');
      await until(`a prompt on ${msisdn}`, () => shop.mpesa.prompts(msisdn)[0], seen);
      await until(`the card shows the prompt: ${note}`, () => card()?.text.startsWith('⏳'), seen);
    }
    await until(`nothing is left to be said: ${note}`, () => isQuiet(options));
  }

  async function goOn(): Promise<'paid' | 'unknown' | null> {
    act('ask');
    if (asks()) act('press');
    if (shop.mpesa.prompts(msisdn).length > 0) act('pay');
    const text = card()?.text ?? '';
    if (text.includes('Paid to')) return 'paid';
    if (text.includes('We do not know yet') && (await wasLookedUp(db, note))) return 'unknown';
    if (performance.now() - hurriedAt > hurryMs) {
      hurriedAt = performance.now();
      await hurry(db, note, done.has('pay'));
    }
    return null;
  }

  return {
    ...options,
    do: act,
    reach,
    finish: async () => {
      const end = await until(`the payment ends: ${note}`, goOn, seen);
      await until(`nothing is left to be done: ${note}`, () => isQuiet(options), seen);
      return end;
    },
    cards,
    seen,
  };
}

/** Nothing of this person or payment waits in the inbox or in the outbox, and no prompt is being sent. */
async function isQuiet({ db, person, note }: SceneOptions): Promise<boolean> {
  const lane = laneOf(person);
  const { rows } = await sql`
    with own as (select attempt.id, attempt.state from attempt join payment on payment.id = payment_id where note = ${note})
    select 1 from inbox where state = 'pending' and (lane = ${lane} or attempt_id in (select id from own))
    union all select 1 from outbox where state = 'pending' and lane = ${lane}
    union all select 1 from own where state in ('queued', 'sending')`.execute(db);
  return rows.length === 0;
}

/** The person's private chat, as rows name it. */
export function laneOf(person: number): string {
  return `telegram:${person}`;
}

async function wasLookedUp(db: Database, note: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from attempt join payment on payment.id = payment_id
    where note = ${note} and checks > 0`.execute(db);
  return rows.length > 0;
}

/** The look-up that would come in seconds or minutes comes now; before the PIN it would only say "pending". */
async function hurry(db: Database, note: string, paid: boolean): Promise<void> {
  await sql`
    update attempt set next_check_at = now() from payment
    where payment.id = payment_id and note = ${note} and next_check_at > now()
      and (attempt.state = 'unknown' or (${paid} and attempt.state = 'prompted'))`.execute(db);
  await sql`update gateway_account set next_lookup_slot = now()`.execute(db);
}
