/**
 * SMS as a sender of the outbox. Who carries them is a port that `app.ts` gives; here is only what each of its answers
 * means for the row: sent, over, or to be tried again under the same reference.
 */
import type { Clock } from '../../domain/clock.ts';
import type { ChannelSender, SendOutcome, Told } from '../channel.ts';

/** As the outbox keeps it. */
export interface SmsOrder {
  /** ISO: from then on no other try follows. */
  readonly until: string;
}

export type SmsAnswer =
  | {
      readonly kind: 'accepted';
      readonly status?: string;
      readonly messageId: string | null;
      readonly parts: number | null;
      readonly costCents: bigint | null;
      readonly balanceCents: bigint | null;
    }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly rawCode: string;
      readonly detail: string;
      readonly balanceCents?: bigint | null;
    }
  | { readonly kind: 'later'; readonly detail: string; readonly afterSeconds: number | null }
  | { readonly kind: 'not_sent'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

export interface SmsCalled {
  /** Sent again, the same reference stays one message. */
  readonly idempotent: boolean;
  readonly outcome: SmsAnswer;
  readonly passed?: Told['passed'] | undefined;
}

export interface SmsPort<Order extends SmsOrder> {
  send(order: Order): Promise<SmsCalled>;
}

export interface SmsSenderDeps<Order extends SmsOrder> {
  readonly port: SmsPort<Order>;
  readonly clock: Clock;
}

export function createSmsSender<Order extends SmsOrder>(deps: SmsSenderDeps<Order>): ChannelSender {
  return {
    async send(message) {
      const order = message.payload as unknown as Order;
      const called = await deps.port.send(order);
      const late = deps.clock.now() >= new Date(order.until);
      return outcomeOf(called, late);
    },
  };
}

function outcomeOf({ outcome: answer, idempotent, passed }: SmsCalled, late: boolean): SendOutcome {
  const past = passed === undefined ? {} : { passed };
  const given = (detail: string): SendOutcome => ({
    kind: 'unknown',
    detail,
    ...(passed !== undefined && { told: past }),
  });
  switch (answer.kind) {
    case 'accepted': {
      const { kind: _, ...told } = answer;
      return { kind: 'sent', externalId: told.messageId, told: { ...told, ...past } };
    }
    case 'refused': {
      const { reason, rawCode, balanceCents = null } = answer;
      return {
        kind: 'drop',
        detail: `${rawCode}: ${answer.detail}`,
        told: { reason, balanceCents, ...past },
      };
    }
    case 'later':
      // It may be under way under its reference: when nobody waits any more, nobody knows.
      return late ? given(answer.detail) : again(answer.detail, answer.afterSeconds);
    case 'not_sent':
      return late
        ? { kind: 'drop', detail: answer.detail, told: { reason: 'not_reached', ...past } }
        : again(answer.detail, null);
    case 'unknown':
      return idempotent && !late ? again(answer.detail, null) : given(answer.detail);
  }
}

/** Of this message alone: its gateway is not that of the others. */
const again = (detail: string, afterSeconds: number | null): SendOutcome => ({
  kind: 'retry',
  afterSeconds,
  scope: 'message',
  detail,
});
