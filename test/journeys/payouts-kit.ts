/** A payout of a journey: a payee with a phone of its own, who asks, who approves, and the cards of both. */
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { showMsisdn } from '../../src/domain/msisdn.ts';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import { newCustomer } from './sale.ts';
import { boss, stranger } from './shop.ts';
import { withRef } from './side.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

/** Approved; where a card is not edited, what is over within seconds is not sent. */
export const isApproved = /Approved by \w+|M-Pesa has it/;

/** A manager, who asks; the owner approves. */
export const asker = stranger;
export const owner = boss;

/** The shop with a manager, and money in the wallet at BluePay. */
export async function openPayShop(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld(options);
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: 900_000, serviceTokenKes: 5_000 });
  await world.join(asker, 'manager');
  // A member has a name here once they wrote.
  for (const person of [asker, owner]) {
    world.say('/help', person);
    await world.card('We never ask for your PIN', person);
  }
  await world.quiet();
  return world;
}

export interface Pay {
  readonly ref: string;
  readonly msisdn: string;
  readonly head: string;
  /** The newest message about it that the text matches. */
  card(text: RegExp | string, person?: number): Promise<SeenMessage>;
  press(button: string, person?: number): Promise<void>;
  row(): Promise<{ state: string; reason: string | null; flag: string | null; round: number }>;
}

/** Asks in one line and stops at the request card. */
export async function begin(
  world: World,
  amount = 500,
  person = asker,
  msisdn = newCustomer(world),
): Promise<Pay> {
  const before = world.say(`/payout ${amount} 0${msisdn.slice(3)} wages`, person);
  const phone = showMsisdn(msisdn as Msisdn);
  const card = await world.chat.until(() =>
    world.chat
      .messages(person)
      .find(({ id, fromBot, text }) => fromBot && id > before && text.includes(phone)),
  );
  const [head = ''] = card.text.split('\n');
  return payOf(world, head, msisdn);
}

export function payOf(world: World, head: string, msisdn: string): Pay {
  const ref = /W-\w{5}/.exec(head)?.[0] ?? '';
  return {
    ref,
    msisdn,
    head,
    card: (text, person = asker) => {
      const wanted = typeof text === 'string' ? new RegExp(RegExp.escape(text)) : text;
      return world.card(new RegExp(`(?=[^]*${ref})(?=[^]*(?:${wanted.source}))`, wanted.flags), person);
    },
    press: async (button, person = asker) => {
      const on = await withRef(world, person, ref, button);
      world.chat.pressButton(person, on.id, button);
    },
    row: () =>
      world.db
        .selectFrom('payout')
        .select(['state', 'reason', 'flag', 'round'])
        .where('ref', '=', ref)
        .executeTakeFirstOrThrow(),
  };
}

/** Asked for, and the approval card stands before the owner. */
export async function waiting(world: World, amount = 500, person = asker): Promise<Pay> {
  const pay = await begin(world, amount, person);
  await pay.press('Ask for approval', person);
  await pay.card('Waiting for approval', person);
  await pay.card('asks, until', person === asker ? owner : asker);
  return pay;
}
