/**
 * WhatsApp as a sender of the outbox. Messages come in the form of the Bot API; there are no edits here, so an edited text is
 * a new message. 24 hours after the person last wrote Meta takes templates only ("Customer service windows").
 */
import type { Locale } from '../../db/tables.ts';
import { type Clock, plusSeconds } from '../../domain/clock.ts';
import type { Logger } from '../../ops/log.ts';
import { type ChannelMessage, type ChannelSender, type SendOutcome, sendTimeoutMs } from '../channel.ts';
import type { CallOptions, WhatsappAnswer, WhatsappApi } from './api.ts';
import { meaningOf } from './codes.ts';
import { type Outside, sendOutside } from './outside.ts';
import { createProgressBook, type Progress } from './progress.ts';
import { outcomeOf } from './refusals.ts';
import { type Part, renderMessage } from './render.ts';
import type { Templates } from './templates.ts';

/** Where a lane goes. */
export interface WhatsappPerson {
  /** phone: digits with the country's code. scoped: WhatsApp's id for this business account. */
  readonly kind: 'phone' | 'scoped';
  readonly value: string;
  readonly wroteAt: Date | null;
  /** Of the words that WhatsApp itself wants beside our text. Not known: English. */
  readonly locale?: Locale | null;
}

export interface WhatsappSenderDeps {
  readonly api: Pick<WhatsappApi, 'send' | 'upload'>;
  readonly person: (lane: string) => Promise<WhatsappPerson | null>;
  /** Meta says that this person's window is closed, whatever we thought. */
  readonly windowClosed: (lane: string, wroteAt: Date) => Promise<void>;
  readonly templates: Templates;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timeoutMs?: number;
}

const windowSeconds = 24 * 60 * 60;
/** Meta's clock and ours differ, and a message takes its time. */
const safetySeconds = 2 * 60;

export function createWhatsappSender(deps: WhatsappSenderDeps): ChannelSender {
  const book = createProgressBook(deps.clock);
  return {
    async send(message) {
      const wanted = asSend(message);
      if (wanted.kind !== 'send') return wanted;
      const progress = book.of(message);
      const outcome = await sendWanted(deps, message.lane, wanted, progress);
      if (outcome.kind !== 'retry') book.over(message);
      return outcome;
    },
  };
}

interface Wanted {
  readonly kind: 'send';
  readonly payload: ChannelMessage['payload'];
  /** Meant for the moment: held back, nobody wants it any more. */
  readonly fleeting: boolean;
}

const drop = (detail: string): SendOutcome => ({ kind: 'drop', detail });

function asSend({ method, payload }: ChannelMessage): Wanted | SendOutcome {
  switch (method) {
    case 'sendMessage':
    case 'editMessageText':
    case 'sendDocument':
    case 'sendPhoto':
      return { kind: 'send', payload, fleeting: payload.fleeting === true };
    case 'answerCallbackQuery':
      if (typeof payload.text !== 'string' || payload.text.trim() === '') return drop('nothing to say');
      return { kind: 'send', payload: { text: payload.text }, fleeting: true };
    case 'editMessageReplyMarkup':
    case 'deleteMessage':
    case 'sendChatAction':
      return drop(`no ${method} on WhatsApp`);
    default:
      return { kind: 'dead', detail: `${method} has no form on WhatsApp` };
  }
}

async function sendWanted(
  deps: WhatsappSenderDeps,
  lane: string,
  { payload, fleeting }: Wanted,
  progress: Progress,
): Promise<SendOutcome> {
  const person = await deps.person(lane);
  if (person === null) return { kind: 'blocked', detail: 'nobody is known in this chat' };
  const timeoutMs = deps.timeoutMs ?? sendTimeoutMs;
  // One time limit for all the calls of a message.
  const options = { timeoutMs, signal: AbortSignal.timeout(timeoutMs) };
  const outside = async (): Promise<SendOutcome> =>
    fleeting
      ? drop('the window is closed')
      : await sendOutside(outsideOf(deps, person, options), payload, progress);
  if (!isOpen(deps.clock, person)) return await outside();
  const rendering = renderMessage(payload, { kind: person.kind, locale: person.locale ?? 'en' });
  if (rendering.kind === 'fault') return { kind: 'dead', detail: rendering.detail };
  const answer = await sendParts(deps.api, rendering.parts, person, options, progress);
  if (answer.kind === 'refused' && meaningOf(answer) === 'window') {
    if (person.wroteAt !== null) await deps.windowClosed(lane, person.wroteAt);
    return await outside();
  }
  if (answer.kind !== 'ok') return outcomeOf(answer, progress);
  const earlierIds = progress.ids.slice(0, -1);
  return { kind: 'sent', externalId: answer.result, ...(earlierIds.length > 0 && { earlierIds }) };
}

function isOpen(clock: Clock, { wroteAt }: WhatsappPerson): boolean {
  return wroteAt !== null && clock.now() < plusSeconds(wroteAt, windowSeconds - safetySeconds);
}

function outsideOf(deps: WhatsappSenderDeps, person: WhatsappPerson, options: CallOptions): Outside {
  return {
    templates: deps.templates,
    log: deps.log,
    send: (body) => deps.api.send({ ...addressed(person), ...body }, options),
  };
}

/** The id of the last part, which holds the buttons. */
async function sendParts(
  api: WhatsappSenderDeps['api'],
  parts: readonly Part[],
  person: WhatsappPerson,
  options: CallOptions,
  progress: Progress,
): Promise<WhatsappAnswer<string>> {
  let last: WhatsappAnswer<string> = {
    kind: 'no_answer',
    detail: 'there is nothing to send',
    maybeSent: false,
  };
  for (const { file, body } of parts.slice(progress.ids.length)) {
    if (file !== null && progress.mediaId === null) {
      const uploaded = await api.upload(file, options);
      if (uploaded.kind !== 'ok') return uploaded;
      progress.mediaId = uploaded.result;
    }
    last = await api.send({ ...addressed(person), ...body(progress.mediaId ?? '') }, options);
    if (last.kind !== 'ok') return last;
    progress.ids.push(last.result);
    progress.mediaId = null;
  }
  return last;
}

function addressed({ kind, value }: WhatsappPerson): Readonly<Record<string, string>> {
  return { recipient_type: 'individual', ...(kind === 'phone' ? { to: value } : { recipient: value }) };
}
