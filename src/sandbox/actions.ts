/** What the page asks for: the hands of the people at the desk. */
import { z } from 'zod';
import { chatIdOf, people, personIds, personOf } from './cast.ts';
import { channelIds } from './chat-names.ts';
import { parkedKinds } from './gateway-names.ts';
import type { PressResult } from './mpesa/prompts.ts';
import { CannotDo } from './telegram/members.ts';
import { troubleNames } from './troubles.ts';
import type { WhatsappControl } from './whatsapp/control.ts';
import { CannotDo as CannotDoOnWhatsapp } from './whatsapp/core.ts';
import { setWhatsappTrouble, whatsappTroubleNames } from './whatsapp-at-desk.ts';
import type { World } from './world.ts';

const person = z.enum(personIds);
const channel = z.enum(channelIds).default('telegram');
const text = z.string().max(20_000);
const maxFileChars = 7_000_000;
const maxBalanceCents = 100_000_000_00;

const shape = z.discriminatedUnion('action', [
  z.object({ action: z.literal('say'), person, channel, text }),
  z.object({ action: z.literal('press'), person, channel, messageId: z.int(), data: text }),
  z.object({ action: z.literal('key'), person, channel: z.literal('telegram').default('telegram'), text }),
  z.object({ action: z.literal('share'), person, channel }),
  z.object({
    action: z.literal('contact'),
    person,
    channel,
    phone: z.string().max(40),
    name: z.string().max(64),
  }),
  z.object({
    action: z.literal('file'),
    person,
    channel,
    name: z.string().min(1).max(120),
    base64: z.base64().max(maxFileChars),
  }),
  z.object({ action: z.literal('sticker'), person, channel }),
  z.object({ action: z.literal('pin'), promptId: z.string(), pin: z.string().max(20) }),
  z.object({ action: z.literal('cancel'), promptId: z.string() }),
  z.object({ action: z.literal('phone'), msisdn: z.string(), on: z.boolean() }),
  z.object({ action: z.literal('balance'), msisdn: z.string(), cents: z.int().min(0).max(maxBalanceCents) }),
  z.object({ action: z.literal('fault'), name: z.enum(troubleNames), armed: z.boolean() }),
  z.object({ action: z.literal('connect'), gateway: z.enum(parkedKinds) }),
  z.object({ action: z.literal('kill') }),
  /** A chat platform answers nobody for a while. */
  z.object({ action: z.literal('down'), channel }),
  /** The person takes up WhatsApp, and says nothing yet. */
  z.object({ action: z.literal('join'), person, channel }),
  /** The person has the chat on the screen. */
  z.object({ action: z.literal('read'), person, channel: z.literal('whatsapp') }),
  /** On WhatsApp; without a person everywhere. */
  z.object({ action: z.literal('day-later'), person: person.optional() }),
  z.object({ action: z.literal('whatsapp'), name: z.enum(whatsappTroubleNames), on: z.boolean() }),
  z.object({ action: z.literal('block'), person, channel, blocked: z.boolean() }),
  z.object({ action: z.literal('reset') }),
]);
export type Action = z.infer<typeof shape>;

export type ActionReading =
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'unreadable'; readonly sentence: string };

export function readAction(body: string): ActionReading {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { kind: 'unreadable', sentence: 'The desk takes JSON only.' };
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return { kind: 'action', action: parsed.data };
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'action';
  return { kind: 'unreadable', sentence: `The desk does not know this: ${where}.` };
}

/** What happens to the program itself, or through its commands; everything else is done in the world outside. */
export type Ordered = Exclude<Action, { action: 'kill' | 'reset' | 'connect' }>;

/** null: done. A sentence: why the person cannot do that now. */
export function act(world: World, action: Ordered): string | null {
  try {
    return doIt(world, action);
  } catch (cause) {
    if (cause instanceof CannotDo || cause instanceof CannotDoOnWhatsapp) return cause.message;
    throw cause;
  }
}

function doIt(world: World, action: Ordered): string | null {
  switch (action.action) {
    case 'pin':
      return pressed(world.mpesa.enterPin(action.promptId, action.pin));
    case 'cancel':
      return pressed(world.mpesa.cancel(action.promptId));
    case 'phone':
    case 'balance':
      return onPhone(world, action);
    case 'fault':
      world.troubles.arm(action.name, action.armed);
      return null;
    case 'down':
      world.outages[action.channel].begin();
      return null;
    case 'whatsapp':
      setWhatsappTrouble(world.whatsapp.server.control, action.name, action.on);
      return null;
    case 'day-later':
      for (const { id, phone } of people)
        if (id === (action.person ?? id)) world.whatsapp.server.control.closeWindow(phone);
      return null;
    default:
      inChat(world, action);
      return null;
  }
}

const pressAnswers = {
  done: null,
  gone: 'This prompt is over.',
  off: 'This phone is off.',
} as const satisfies Record<PressResult, string | null>;

function pressed(result: PressResult): string | null {
  return pressAnswers[result];
}

function onPhone({ mpesa }: World, action: Extract<Ordered, { action: 'phone' | 'balance' }>): string | null {
  if (mpesa.subscriber(action.msisdn) === null) return 'There is no such phone on the desk.';
  if (action.action === 'phone') mpesa.setOn(action.msisdn, action.on);
  else mpesa.setBalance(action.msisdn, BigInt(action.cents));
  return null;
}

type InChat = Exclude<Extract<Ordered, { person: unknown }>, { action: 'day-later' }>;

function inChat({ telegram, whatsapp }: World, action: InChat): void {
  const control = action.channel === 'telegram' ? telegram.control : whatsapp.server.control;
  const id = chatIdOf(personOf(action.person), action.channel);
  switch (action.action) {
    case 'say':
      return void control.sendText(id, action.text);
    case 'press':
      return void control.pressButton(id, action.messageId, action.data);
    case 'key':
      return void telegram.control.pressReplyKeyboard(id, action.text);
    case 'share':
      return void control.shareOwnPhone(id);
    case 'contact':
      return void control.shareContact(id, { phone: action.phone, firstName: action.name });
    case 'file':
      return void sendFile(control, id, action);
    case 'sticker':
      return void control.sendSticker(id);
    case 'block':
      return void (action.blocked ? control.block(id) : control.unblock(id));
    case 'join':
      return;
    case 'read':
      return void whatsapp.server.control.open(id);
  }
}

const types: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  txt: 'text/plain',
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Both apps send pictures as photos, and anything else as a document. */
function sendFile(
  control: Pick<World['telegram']['control'] | WhatsappControl, 'sendPhoto' | 'sendDocument'>,
  userId: number,
  { name, base64 }: Extract<InChat, { action: 'file' }>,
): void {
  const bytes = Buffer.from(base64, 'base64');
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  if (['jpg', 'jpeg', 'png'].includes(extension)) return void control.sendPhoto(userId, bytes);
  const mimeType = types[extension] ?? 'application/octet-stream';
  control.sendDocument(userId, { name, mimeType, bytes });
}
