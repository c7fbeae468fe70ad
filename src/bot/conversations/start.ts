/** /start by somebody new: a business that is saved until an operator connects it, or a customer's own phone. */

import type { Msisdn } from '../../domain/msisdn.ts';
import { parseMsisdn } from '../../domain/msisdn.ts';
import { businessNameLimit, readName } from '../../payments/businesses.ts';
import { startBusiness } from '../../payouts/operator.ts';
import { connectWith } from '../commands/connect.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { type Answer, createKit, type Kit, type Read } from '../kit.ts';
import { linkOwn } from '../link-own.ts';
import type { Turn } from '../turn.ts';

export const startId = 'start@1';

export interface StartWith {
  /** What the person has said already. */
  readonly as: 'business';
}

export function startConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start?: StartWith): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const who =
      start?.as ??
      (await kit.choose('who', { key: 'start' }, [
        { label: kit.word('btn-biz'), value: 'business' },
        { label: kit.word('btn-cust'), value: 'customer' },
      ]));
    if (who === 'business') await openBusiness(kit, deps);
    if (who === 'customer') await linkOwnPhone(kit, deps);
  };
}

async function openBusiness(kit: Kit, deps: BotDeps): Promise<void> {
  const name = await kit.ask<string>({ id: 'name', say: { key: 'ask-name' }, read: readBusinessName });
  if (name === null) return;
  const saved = await kit.act((turn) => save(deps, turn, name));
  await kit.tell({ key: 'biz-waits', values: { shop: name, cmd: saved.cmd } });
}

function readBusinessName(answer: Answer): Read<string> {
  const reading = readName(answer.kind === 'text' ? answer.text : '');
  switch (reading.kind) {
    case 'name':
      return { value: reading.name };
    case 'empty':
      return { again: { key: 'ask-name' } };
    case 'too_long': {
      const values = { max: String(businessNameLimit), count: String(reading.length) };
      return { again: { key: 'note-long', values } };
    }
  }
}

async function save(deps: BotDeps, turn: Turn, name: string): Promise<{ cmd: string }> {
  const { channel, externalId } = turn.identity;
  const business = { name, owner: { channel, externalId }, locale: turn.locale };
  const { businessId } = await startBusiness(turn.tx, deps, business, 'owner');
  return { cmd: connectWith({ businessId, businessName: name }).cmd };
}

async function linkOwnPhone(kit: Kit, deps: BotDeps): Promise<void> {
  const msisdn = await kit.ask<Msisdn>({
    id: 'own-phone',
    say: { key: 'ask-share' },
    sharePhone: kit.word('btn-share'),
    read: readOwnPhone,
  });
  if (msisdn === null) return;
  await kit.tell(await kit.act((turn) => linkOwn(deps, turn, msisdn)));
}

/** Only a contact that the platform vouches for counts: a typed number could be anybody's. */
function readOwnPhone(answer: Answer): Read<Msisdn> {
  if (answer.kind !== 'contact') return { again: { key: 'ask-share' } };
  if (!answer.own) return { again: { key: 'not-own' } };
  const reading = parseMsisdn(answer.phone);
  return reading.kind === 'msisdn' ? { value: reading.msisdn } : { again: { key: 'foreign' } };
}
