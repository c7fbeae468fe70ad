/**
 * What conversations are written with. The kit owns what makes them survive replay, restart and people: a collation key
 * per question, buttons that belong to one question of one conversation, a limit on tries, and the guard that nothing
 * is said inside `act` (a Bot API call there would wait for itself for ever).
 */

import { isCall, isCommandWord } from '../domain/entry-commands.ts';
import type { BotConversation, InnerContext } from './context.ts';
import { currentTurn, type Turn } from './turn.ts';
import type { Words } from './words.ts';

export interface Say {
  readonly key: string;
  readonly values?: Readonly<Record<string, string>>;
}

export interface Option<T> {
  readonly label: string;
  readonly value: T;
}

/** What came in answer to a question. */
export type Answer =
  | { readonly kind: 'text'; readonly text: string }
  /** `own`: the platform vouches that it is the sender's own number. */
  | {
      readonly kind: 'contact';
      readonly phone: string;
      readonly name: string;
      readonly own: boolean;
      /** The person on this platform; null where the platform does not say. */
      readonly userId: string | null;
    }
  | { readonly kind: 'other' };

/** What a reader makes of an answer: a value, or a sentence that says what is wrong with it. */
export type Read<T> = { readonly value: T } | { readonly again: Say };

export interface Question<T> {
  /** Names the question in the replay log; different for every question of a conversation. */
  readonly id: string;
  readonly say: Say;
  readonly options?: readonly Option<T>[];
  /** The label of a key that shares the person's own number; it goes away with the next message. */
  readonly sharePhone?: string;
  /** Four lone digits are an answer here, also from a customer; everywhere else they may be a PIN. */
  readonly digits?: true;
  readonly read: (answer: Answer) => Read<T>;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

export interface Kit {
  /** Does something in the turn's transaction, once; the plain JSON it answers is what every replay sees. */
  act<T extends Json>(task: (turn: Turn) => Promise<T>): Promise<T>;
  tell(say: Say): Promise<void>;
  /** Asks until the answer is read. null: too many tries; the person has been told. */
  ask<T>(question: Question<T>): Promise<T | null>;
  choose<T>(id: string, say: Say, options: readonly Option<T>[]): Promise<T | null>;
  /** The first button is the yes, the last one the no. */
  confirm(id: string, say: Say, yes: string, no: string): Promise<boolean>;
  word(key: string, values?: Readonly<Record<string, string>>): string;
}

/** Under the twenty waits that keep a replay short, over all questions of a conversation. */
const mostTries = 5;

export async function createKit(
  conversation: BotConversation,
  ctx: InnerContext,
  deps: { words: Words; nonce: () => string },
): Promise<Kit> {
  const chatId = ctx.chat?.id;
  if (chatId === undefined) throw new Error('A conversation needs a chat.');
  const chat: number = chatId;
  const guard = { acting: false };
  const word: Kit['word'] = (key, values) => deps.words.say(currentTurn().locale, key, values);
  const act: Kit['act'] = (task) =>
    conversation.external(async (outer) => {
      guard.acting = true;
      try {
        return await task(outer.turn);
      } finally {
        guard.acting = false;
      }
    });
  const nonce = await act(async () => deps.nonce());
  let keyOnScreen = false;
  const send = async (say: Say, markup: ReplyMarkup | null): Promise<number> => {
    if (guard.acting) throw new Error('Nothing can be said inside act: it would wait for itself.');
    const removes = keyOnScreen && markup === null ? { remove_keyboard: true as const } : null;
    keyOnScreen = markup !== null && 'keyboard' in markup;
    const reply_markup = markup ?? removes;
    const sent = await ctx.api.sendMessage(chat, word(say.key, say.values), {
      ...(reply_markup !== null && { reply_markup }),
    });
    return sent.message_id;
  };
  const tell: Kit['tell'] = async (say) => void (await send(say, null));

  async function ask<T>(question: Question<T>): Promise<T | null> {
    const options = question.options ?? [];
    const labels = options.map(({ label }) => label);
    const markup =
      question.sharePhone !== undefined
        ? shareKey(question.sharePhone)
        : labels.length > 0
          ? keyboard(labels, `k:${nonce}:${question.id}`)
          : null;
    const messageId = await send(question.say, markup);
    for (let tries = 0; tries < mostTries; tries++) {
      const next = await conversation.wait({ collationKey: collationKey(question) });
      const pressed = next.callbackQuery?.data;
      if (pressed !== undefined) {
        const option = options[indexOf(pressed, `k:${nonce}:${question.id}:`)];
        await next.answerCallbackQuery(option === undefined ? { text: word('old-card') } : {});
        // An old button is no try, and brings the question that is open. Skipped, it leaves nothing in the replay log either.
        if (option === undefined) {
          await send(question.say, markup);
          return conversation.skip({ next: false });
        }
        await ctx.api.editMessageReplyMarkup(chat, messageId);
        return option.value;
      }
      const answer = answerOf(next);
      if (answer.kind === 'text' && isCall(answer.text)) return conversation.skip({ next: true });
      const read: Read<T> = answer.kind === 'other' ? { again: notText(question) } : question.read(answer);
      if ('value' in read) {
        if (labels.length > 0) await ctx.api.editMessageReplyMarkup(chat, messageId);
        return read.value;
      }
      // No answer, but a command by its word: done as its slash command would be, and the question stands, as after a call.
      if (answer.kind === 'text' && isCommandWord(answer.text)) return conversation.skip({ next: true });
      if (tries < mostTries - 1) await send(read.again, question.sharePhone === undefined ? null : markup);
    }
    await tell({ key: 'tries', values: { next: '/help' } });
    return null;
  }

  const notText = (question: Question<unknown>): Say => ({
    key: 'not-text',
    values: { ask: word(question.say.key, question.say.values) },
  });

  const choose: Kit['choose'] = (id, say, options) =>
    ask({ id, say, options, read: (answer) => readOption(answer, options, say) });

  return {
    act,
    tell,
    ask,
    choose,
    word,
    confirm: async (id, say, yes, no) =>
      (await choose(id, say, [
        { label: word(yes), value: true },
        { label: word(no), value: false },
      ])) === true,
  };
}

const digitsMark = ' 0-9';

function collationKey({ id, digits }: Pick<Question<unknown>, 'id' | 'digits'>): string {
  return digits === true ? `${id}${digitsMark}` : id;
}

/** Whether the question with this collation key takes digits. */
export function takesDigits(key: string): boolean {
  return key.endsWith(digitsMark);
}

/** A typed label chooses it too, except that a typed yes moves no money: `confirm` is never used for that. */
function readOption<T>(answer: Answer, options: readonly Option<T>[], say: Say): Read<T> {
  const typed = answer.kind === 'text' ? answer.text.trim().toLowerCase() : '';
  const option = options.find(({ label }) => label.toLowerCase() === typed);
  return option === undefined ? { again: say } : { value: option.value };
}

type ReplyMarkup = ReturnType<typeof keyboard> | ReturnType<typeof shareKey>;

function shareKey(text: string) {
  return {
    keyboard: [[{ text, request_contact: true as const }]],
    resize_keyboard: true,
    one_time_keyboard: true,
  };
}

function keyboard(labels: readonly string[], data: string) {
  const buttons = labels.map((text, i) => ({ text, callback_data: `${data}:${i}` }));
  const rows: (typeof buttons)[] = [];
  for (let i = 0; i < buttons.length; i += 2) rows.push(buttons.slice(i, i + 2));
  return { inline_keyboard: rows };
}

function indexOf(pressed: string, prefix: string): number {
  const index = pressed.startsWith(prefix) ? pressed.slice(prefix.length) : '';
  return /^\d{1,2}$/.test(index) ? Number(index) : -1;
}

/**
 * The platform vouches for a number that its owner's app sends now. A forwarded contact may be as old as the phone: the
 * number can belong to somebody else since.
 */
export function isOwnContact(
  message: { readonly contact?: { readonly user_id?: number }; readonly forward_origin?: unknown },
  sender: number | undefined,
): boolean {
  const { contact, forward_origin: forwarded } = message;
  return contact?.user_id !== undefined && contact.user_id === sender && forwarded === undefined;
}

function answerOf(ctx: InnerContext): Answer {
  const message = ctx.message;
  if (message?.contact !== undefined)
    return {
      kind: 'contact',
      phone: message.contact.phone_number,
      own: isOwnContact(message, ctx.from?.id),
      userId: message.contact.user_id === undefined ? null : String(message.contact.user_id),
      name: [message.contact.first_name, message.contact.last_name].filter(Boolean).join(' '),
    };
  if (message?.text !== undefined) return { kind: 'text', text: message.text };
  return { kind: 'other' };
}
