/** /verify CODE, and a line that says that something was paid. */
import { readClaim, readTypedCode } from '../../domain/receipt.ts';
import { answerClaim } from '../cards/check.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { verifyId } from '../conversations/verify.ts';
import { lead } from '../enter.ts';
import { requireRight } from './access.ts';
import { reply } from './reply.ts';

export async function onVerify(ctx: BotContext, deps: BotDeps, argument: string): Promise<void> {
  if (!(await mayAsk(ctx, deps))) return;
  if (argument === '') return lead(ctx, verifyId);
  const claim = readTypedCode(argument);
  if (claim !== null) return void (await answerClaim(deps, ctx.turn, claim));
  await reply(ctx, deps, 'unread', { text: [...argument].slice(0, 40).join(''), eg: 'TFH774CBH1' });
}

/** A pasted M-Pesa SMS, "nimelipa", "imeingia?": without a code it is asked for. */
export async function onVerifyLine(ctx: BotContext, deps: BotDeps): Promise<void> {
  if (!(await mayAsk(ctx, deps))) return;
  const claim = readClaim(ctx.message?.text ?? '');
  if (claim === null) return lead(ctx, verifyId);
  await answerClaim(deps, ctx.turn, claim);
}

/** Members who see payments; and people in no business, about the phone that they linked, whose receipts they get anyway. */
async function mayAsk(ctx: BotContext, deps: BotDeps): Promise<boolean> {
  const { membership, tx, identity } = ctx.turn;
  if (membership !== null) return (await requireRight(ctx, deps, 'see_payments')) !== null;
  const link = await tx
    .selectFrom('phone_link')
    .select('identity_id')
    .where('identity_id', '=', identity.id)
    .executeTakeFirst();
  if (link === undefined) await reply(ctx, deps, 'no-business');
  return link !== undefined;
}
