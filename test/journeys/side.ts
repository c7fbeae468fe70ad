/** What people do and see in one platform's chats: type, press, and wait for what comes. */
import type { Database } from '../../src/db/tables.ts';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import { matcher, spoken, type Wanted } from './channel.ts';
import type { Chat } from './chats.ts';
import { boss, shopPerson, stranger } from './shop.ts';
import { standing, type Where } from './standing.ts';
import { patienceMs } from './watch.ts';

export interface Side {
  readonly chat: Chat;
  /** `/word` is typed as the word alone where there are no slash commands. */
  say(text: string, person?: number): number;
  /** The newest message of the bot to the person that the text matches, as it stands now. */
  card(text: Wanted, person?: number): Promise<SeenMessage>;
  /** Waits until the bot sends a message after this one was typed or shown, whatever it says. */
  answer(after: number, person?: number): Promise<SeenMessage>;
  press(button: string, person?: number, on?: SeenMessage): Promise<void>;
  /** Waits for what a press shows on top of the chat; where there is no such thing, for the message that says it. */
  toast(text: Wanted, person?: number): Promise<string>;
}

/** On WhatsApp nothing but templates reaches who was away for a day: they write first. */
export async function back(
  world: Pick<Side, 'chat' | 'say'> & { quiet(): Promise<void> },
  ...people: number[]
): Promise<void> {
  await world.quiet();
  if (world.chat.channel === 'telegram') return;
  for (const person of people) world.say('hi', person);
  await world.quiet();
}

/** Nobody is so quick as to press before the program has written down what the platform called the message. */
async function recorded({ db }: Where, message: SeenMessage & { wamid?: string | undefined }): Promise<void> {
  for (let looks = 0; looks < 40; looks++) {
    const row = await db
      .selectFrom('outbox')
      .select('id')
      .where('external_id', '=', message.wamid ?? String(message.id))
      .executeTakeFirst();
    if (row !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function createSide(chat: Chat, db: Database): Side {
  const where = { chat, db };
  const until = <T>(what: string, find: () => T | undefined | null | false): Promise<T> =>
    waitFor(chat, what, find);
  return {
    chat,
    say: (text, person = shopPerson) => chat.sendText(person, spoken(chat.channel, text)),
    card: (text, person = shopPerson) =>
      waitStanding(where, person, `no message ${text} came`, () => allOf(chat, person, text)),
    answer: (after, person = shopPerson) =>
      until(`nothing came after ${after}`, () =>
        chat.messages(person).find((message) => message.fromBot && message.id > after),
      ),
    press: async (button, person = shopPerson, on) => {
      if (on === undefined) await answered(chat, person);
      const all = () => chat.messages(person).filter((message) => has(message, button));
      const message = on ?? (await waitStanding(where, person, `no button ${button}`, all));
      await recorded(where, message);
      chat.pressButton(person, message.id, button);
    },
    toast: (text, person = shopPerson) => {
      const matches = matcher(chat.channel, text);
      return until(`no toast ${text}`, () => chat.toasts(person).find((toast) => matches(toast.text))?.text);
    },
  };
}

/** The newest card about a number, once it has the button. */
export function withRef(side: Where, person: number, ref: string, button: string): Promise<SeenMessage> {
  const { chat } = side;
  return waitStanding(side, person, `no button ${button} about ${ref}`, () =>
    chat.messages(person).filter((message) => message.text.includes(ref) && has(message, button)),
  );
}

function has({ buttons }: SeenMessage, label: string): boolean {
  return buttons.flat().some(({ text }) => text === label);
}

/** The newest of them that is no older version of a card: those are still on the screen where nothing is edited. */
async function waitStanding(
  where: Where,
  person: number,
  what: string,
  find: () => readonly SeenMessage[],
): Promise<SeenMessage> {
  const spent = new Set<number>();
  for (;;) {
    const found = await waitFor(where.chat, what, () => find().findLast(({ id }) => !spent.has(id)));
    if (where.chat.channel === 'telegram') return found;
    const now = await standing(where, person);
    if (!found.fromBot || now.some(({ id }) => id === found.id)) return found;
    spent.add(found.id);
  }
}

/** Where old buttons stay on the screen, what was typed last must have had its answer before a new one can be meant. */
async function answered(chat: Chat, person: number): Promise<void> {
  if (chat.channel === 'telegram') return;
  const isAnswered = () => chat.lastMessage(person)?.fromBot !== false;
  for (let looks = 0; looks < 200 && !isAnswered(); looks++)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

export async function waitFor<T>(
  chat: Chat,
  what: string,
  find: () => T | undefined | null | false,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what}\n${shown(chat)}`)), patienceMs);
  try {
    return await Promise.race([chat.until(find), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function newest(chat: Chat, person: number, text: Wanted): SeenMessage | undefined {
  return allOf(chat, person, text).at(-1);
}

function allOf(chat: Chat, person: number, text: Wanted): SeenMessage[] {
  const matches = matcher(chat.channel, text);
  return chat.messages(person).filter((message) => message.fromBot && matches(message.text));
}

/** What the usual people have on their screens. */
export function shown(chat: Chat): string {
  return [shopPerson, boss, stranger]
    .flatMap((id) =>
      chat
        .messages(id)
        .slice(-8)
        .map(({ fromBot, text, buttons }) => {
          const keys = buttons.flat().map((button) => `[${button.text}]`);
          return `${id} ${fromBot ? '<' : '>'} ${text} ${keys.join(' ')}`;
        }),
    )
    .join('\n');
}
