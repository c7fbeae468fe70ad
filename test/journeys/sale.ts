/** One sale of a journey: a customer with a phone of its own, the request for money, and its card. */
import { createHmac } from 'node:crypto';
import { showMoney } from '../../src/domain/money.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { showMsisdn } from '../../src/domain/msisdn.ts';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import { pin, shopPerson } from './shop.ts';
import { withRef } from './side.ts';
import type { World } from './world.ts';

export interface Sale {
  readonly ref: string;
  readonly msisdn: string;
  /** As the card shows it: `KES 500 · 0712 345 678 · P-7KQ4M`. */
  readonly head: string;
  /** The newest card of this payment, once the text matches. */
  card(text: RegExp | string, person?: number): Promise<SeenMessage>;
  press(button: string, person?: number): Promise<void>;
  /** Presses Send again, and waits for the new prompt on the phone. */
  again(): Promise<void>;
  pay(): Promise<void>;
  state(): Promise<{ state: string; reason: string | null; flag: string | null }>;
}

let customers = 0;

/** A phone that no other sale of this file uses. */
export function newCustomer(world: World, settings: { balanceCents?: bigint; on?: boolean } = {}): string {
  customers += 1;
  const msisdn = `2547${String(20_000_000 + customers)}`;
  world.mpesa.addSubscriber({
    msisdn,
    pin,
    balanceCents: settings.balanceCents ?? 100_000_000n,
    on: settings.on ?? true,
  });
  return msisdn;
}

/** Asks for money and stops at the confirm card. */
export async function draft(
  world: World,
  amount = 500,
  msisdn = newCustomer(world),
  person?: number,
): Promise<Sale> {
  world.say(`${amount} 0${msisdn.slice(3)} lunch`, person);
  const phone = showMsisdn(msisdn as Msisdn);
  const sum = showMoney(BigInt(amount) * 100n);
  const confirm = await world.card(
    new RegExp(`${sum} · ${phone} · P-\\w{5}\\n(?:.*\\n)*Send the PIN prompt`),
    person,
  );
  const [head = ''] = confirm.text.split('\n');
  const ref = head.split(' · ')[2] ?? '';
  const card: Sale['card'] = (text, who) => cardOf(world, ref, text, who);
  return {
    ref,
    msisdn,
    head,
    card,
    press: async (button, who) =>
      world.press(button, who, await withRef(world, who ?? shopPerson, ref, button)),
    again: async () => {
      await world.press('Send again', person, await withRef(world, person ?? shopPerson, ref, 'Send again'));
      await world.prompt(msisdn);
    },
    pay: () => world.pay(msisdn),
    state: () =>
      world.db
        .selectFrom('payment')
        .select(['state', 'reason', 'flag'])
        .where('ref', '=', ref)
        .executeTakeFirstOrThrow(),
  };
}

/** Asks for money and presses Send prompt. */
export async function ask(world: World, amount?: number, msisdn?: string, person?: number): Promise<Sale> {
  const sale = await draft(world, amount, msisdn, person);
  await sale.press('Send prompt', person);
  return sale;
}

/** Asks for money, and the prompt stands on the phone. */
export async function prompted(world: World, amount?: number, msisdn?: string): Promise<Sale> {
  const sale = await ask(world, amount, msisdn);
  await world.prompt(sale.msisdn);
  await sale.card('⏳');
  await world.quiet();
  return sale;
}

function cardOf(world: World, ref: string, text: RegExp | string, person?: number): Promise<SeenMessage> {
  const wanted = typeof text === 'string' ? new RegExp(RegExp.escape(text)) : text;
  return world.card(new RegExp(`(?=[^]*${ref})(?=[^]*(?:${wanted.source}))`, wanted.flags), person);
}

export function labels(message: SeenMessage): string[] {
  return message.buttons.flat().map(({ text }) => text);
}

/** A webhook as BluePay would send it, or as somebody who forges one. Answers the status. */
export async function webhook(
  world: World,
  said: {
    event: string;
    data: Record<string, unknown>;
    key?: string;
    secret?: string;
    url?: string;
    signature?: string;
  },
): Promise<number> {
  const body = JSON.stringify({ event: said.event, api_version: '1', livemode: true, data: said.data });
  const signature = createHmac('sha256', said.secret ?? world.apiSecret)
    .update(body)
    .digest('hex');
  const answer = await fetch(said.url ?? world.callbackUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-bluepay-event': said.event,
      'x-bluepay-signature': said.signature ?? `v1=${signature}`,
      'idempotency-key': said.key ?? `${said.event}-${JSON.stringify(said.data).length}-${Math.random()}`,
    },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** BluePay's own row of the sale's newest prompt. */
export function stkOf(world: World, sale: Sale) {
  const stk = world.bluepay.control.stks().findLast(({ phone }) => phone === sale.msisdn);
  if (stk === undefined) throw new Error(`BluePay has no prompt for ${sale.ref}`);
  return stk;
}

/** BluePay says that the sale's newest prompt came to nothing, whatever the phone will do. */
export function tellFailed(world: World, sale: Sale): Promise<number> {
  const stk = stkOf(world, sale);
  const data = {
    payment_id: null,
    amount: stk.amountKes,
    account_reference: stk.reference,
    checkout_request_id: stk.checkoutRequestId,
    phone: stk.phone,
    status: 'failed',
  };
  return webhook(world, { event: 'mpesa.payment.failed', data });
}
