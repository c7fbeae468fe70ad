/** A payout asked and approved in the chat, by a program that dies in each of the two turns: nobody presses twice. */
import { expect } from 'vitest';
import type { PayoutId } from '../../src/domain/ids.ts';
import { die } from './death.ts';
import type { PayoutStage } from './payout-stage.ts';
import type { Program } from './program.ts';
import { until } from './until.ts';

const kes = 777;

export async function dieInTurns(
  { database, shop, office, moved }: PayoutStage,
  {
    program,
    startAgain,
    log,
  }: { program: () => Program; startAgain: () => Promise<void>; log: () => string },
): Promise<void> {
  const { db } = database;
  const [asker = 0, approver = 0] = shop.people;
  for (const person of [asker, approver]) await office.owner(String(person));
  const msisdn = shop.phones[17] ?? '';
  const newest = (person: number) => shop.cards(person, `KES ${kes} `)[0];
  const offers = (person: number, button: string) => () =>
    newest(person)
      ?.buttons.flat()
      .some(({ text }) => text === button);

  shop.telegram.control.sendText(asker, `/payout ${kes} 0${msisdn.slice(3)} wages`);
  await until('the draft', offers(asker, 'Ask for approval'), log);
  const { id } = await db
    .selectFrom('payout')
    .select('id')
    .where('amount_cents', '=', BigInt(kes) * 100n)
    .executeTakeFirstOrThrow();
  const turn = async (person: number, button: string, state: 'waiting' | 'approved', was: string) => {
    const gate = {
      table: 'payout',
      on: 'update',
      when: `new.id = '${id}' and new.state = '${state}'`,
    } as const;
    const part = {
      gate: () => gate,
      act: () => shop.press(person, button),
      whileDead: async () => expect((await office.row(id as PayoutId)).state).toBe(was),
    };
    await die(db, program(), { parts: [part], heardAtOnce: true });
    await startAgain();
  };
  await turn(asker, 'Ask for approval', 'waiting', 'draft');
  await until('the card that asks', offers(approver, 'Approve'), log);
  await turn(approver, 'Approve', 'approved', 'waiting');
  await office.becomes(id as PayoutId, ['paid'], log);
  await until('the money moved', () => moved(msisdn).length > 0, log);
  expect(moved(msisdn)).toEqual([BigInt(kes) * 100n]);
  expect(await office.entries(id as PayoutId)).toEqual(['1 reserve', '1 post']);
  const approvals = await db.selectFrom('approval').select('kind').where('payout_id', '=', id).execute();
  expect(approvals).toEqual([{ kind: 'approved' }]);
  await until('the card says so', () => newest(approver)?.text.startsWith('✅'), log);
}
