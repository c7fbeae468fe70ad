/** Members whom WhatsApp lets nothing through to: nobody has written for a day, and Meta takes no template. */
import { asker, begin, owner, type Pay } from './payouts-kit.ts';
import { shopPerson } from './shop.ts';
import type { World } from './world.ts';

const day = 24 * 3600;
const templates = ['receipt_merchant', 'approval_wanted'] as const;
const people = [asker, owner, shopPerson] as const;

export type Missed = ReturnType<typeof missedIn>;

/** `theirs` is called late, since the world opens in a hook. */
export function missedIn(theirs: () => World) {
  let before: ReadonlyMap<number, number> = new Map();
  const inbox = (person: number) => theirs().mpesa.smsInbox(theirs().chat.externalId(person));

  const setTemplates = (status: 'APPROVED' | 'PENDING' | 'PAUSED') => {
    for (const name of templates) theirs().whatsapp.control.setTemplateStatus(name, 'en', status);
  };

  const settled = async (): Promise<void> => {
    await theirs().advance(5);
    await theirs().quiet();
  };

  return {
    setTemplates,
    settled,
    /** Before each test. */
    begins: async (): Promise<void> => {
      const world = theirs();
      await world.quiet();
      world.scheduler.advance((day + 60) * 1000);
      await world.quiet();
      setTemplates('PAUSED');
      before = new Map(people.map((person) => [person, inbox(person).length]));
    },
    /** What came by SMS in this test, oldest first. */
    heard: (person: number): string[] =>
      inbox(person)
        .slice(before.get(person))
        .map(({ text }) => text),
    saw: (person: number, text: string) =>
      theirs()
        .whatsapp.control.messages(theirs().chat.externalId(person))
        .filter((message) => message.fromBot && message.text.includes(text)),
    /** Where something stands that a jump of the clock would end. */
    closed: async (...whose: number[]): Promise<void> => {
      const { db, key, quiet } = theirs();
      await quiet();
      await db
        .updateTable('identity')
        .set({ wrote_at: null })
        .where('external_id', 'in', whose.map(key))
        .execute();
    },
    asked: async (amount: number): Promise<Pay> => {
      const pay = await begin(theirs(), amount);
      await pay.press('Ask for approval');
      await pay.card('Waiting for approval');
      await settled();
      return pay;
    },
  };
}
