/**
 * A message while the person's window is closed. A customer's receipt says everything in its template and is sent by it;
 * another template only rings: the message itself waits until the person writes.
 */
import type { Logger } from '../../ops/log.ts';
import type { SendOutcome } from '../channel.ts';
import type { WhatsappAnswer } from './api.ts';
import { type Meaning, meaningOf } from './codes.ts';
import type { Progress } from './progress.ts';
import { outcomeOf } from './refusals.ts';
import { type Templates, templateMessage, type WantedTemplate, wantedTemplate } from './templates.ts';

export interface Outside {
  readonly templates: Templates;
  readonly log: Logger;
  send(body: Readonly<Record<string, unknown>>): Promise<WhatsappAnswer<string>>;
}

const held = (detail: string, rung: boolean) => ({ kind: 'held', detail, rung }) as const;

export async function sendOutside(
  outside: Outside,
  payload: Readonly<Record<string, unknown>>,
  progress: Progress,
): Promise<SendOutcome> {
  if (payload.template === undefined) return held('the window is closed', false);
  const wanted = wantedTemplate.safeParse(payload.template);
  if (!wanted.success) return held('the window is closed, and its template cannot be read', false);
  const answer = await outside.send(templateMessage(outside.templates, wanted.data));
  if (answer.kind === 'ok')
    return isWhole(wanted.data)
      ? { kind: 'sent', externalId: answer.result }
      : { ...held(`rung with ${wanted.data.name}`, true), externalId: answer.result };
  if (answer.kind === 'refused' && unusable.has(meaningOf(answer)))
    return refused(outside, wanted.data, answer);
  return outcomeOf(answer, progress);
}

function isWhole({ name }: WantedTemplate): boolean {
  return name === 'receipt_customer';
}

/** Nothing about this person: the template, its values or its price. */
const unusable: ReadonlySet<Meaning> = new Set(['template', 'unpaid', 'ours']);

function refused(
  outside: Outside,
  wanted: WantedTemplate,
  answer: Extract<WhatsappAnswer<unknown>, { kind: 'refused' }>,
): SendOutcome {
  const { detail } = answer;
  const { name, languages } = outside.templates[wanted.name];
  const about = { template: name, language: languages[wanted.locale], detail };
  const advice =
    meaningOf(answer) === 'unpaid'
      ? 'look at the payment method of the business account in WhatsApp Manager'
      : 'compare it with docs/whatsapp.md and with WhatsApp Manager';
  outside.log.warn(about, `WhatsApp does not take the template ${name}: ${advice}`);
  // The customer's receipt has other ways: by SMS, or shown by the shop.
  return isWhole(wanted) ? { kind: 'blocked', detail } : held(detail, false);
}
