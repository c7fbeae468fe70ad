/** Files of payouts in a journey: sent, asked for, approved, and what their cards say. */
import { asker, owner } from './payouts-kit.ts';
import { newCustomer } from './sale.ts';
import { withRef } from './side.ts';
import type { World } from './world.ts';

export interface Bulk {
  readonly ref: string;
  card(text: string, person?: number): ReturnType<World['card']>;
  press(button: string, person?: number): Promise<void>;
  states(): Promise<string>;
}

export function send(world: World, name: string, content: string | Buffer, person = asker): void {
  const mimeType = 'text/csv';
  world.chat.sendDocument(person, { name, mimeType, bytes: Buffer.from(content) });
}

/** Sends the file, and waits for its dry run. */
export async function upload(world: World, name: string, content: string | Buffer): Promise<Bulk> {
  send(world, name, content);
  const { text } = await world.card(`${name}: `, asker);
  return bulkOf(world, /B-\w{5}/.exec(text)?.[0] ?? '');
}

function bulkOf(world: World, ref: string): Bulk {
  const card: Bulk['card'] = (text, person = asker) =>
    world.card(new RegExp(`(?=[^]*${ref})(?=[^]*(?:${RegExp.escape(text)}))`), person);
  return {
    ref,
    card,
    press: async (button, person = asker) => {
      const on = await withRef(world, person, ref, button);
      world.chat.pressButton(person, on.id, button);
    },
    states: async () => {
      const rows = await world.db
        .selectFrom('payout')
        .innerJoin('payout_batch', 'payout_batch.id', 'payout.batch_id')
        .select(['payout.state'])
        .where('payout_batch.ref', '=', ref)
        .orderBy('payout.batch_row')
        .execute();
      return rows.map(({ state }) => state).join(' ');
    },
  };
}

export const csv = (world: World, shillings: readonly number[]): string =>
  `phone,amount\n${shillings.map((kes) => `${newCustomer(world)},${kes}`).join('\n')}`;

/** Asked and approved. */
export async function running(world: World, shillings: readonly number[], approver = owner): Promise<Bulk> {
  const bulk = await upload(world, `wages-${shillings.join('-')}.csv`, csv(world, shillings));
  await bulk.press('Ask for approval');
  await bulk.card('asks, until', approver);
  await bulk.press('Approve', approver);
  await bulk.card(`of ${shillings.length}: `);
  return bulk;
}

/** Each step is one row at most: the gateway is paced by the clock, which stands still while anything is to do. */
export async function pass(world: World, steps: number): Promise<void> {
  for (let i = 0; i < steps; i++) await world.advance(5);
}
