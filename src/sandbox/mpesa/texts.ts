/** What M-Pesa itself prints: times in EAT, amounts in Ksh, and the SMS that a subscriber gets from sender "MPESA". */

const eatOffsetMs = 3 * 60 * 60 * 1000;

/** `2026-11-21 14:31:00` in East Africa Time, which has no daylight saving. */
export function eatTime(at: Date): string {
  return new Date(at.getTime() + eatOffsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** `21/11/26 at 2:31 PM`, as M-Pesa's own SMS dates a movement. */
function smsTime(at: Date): string {
  const eat = new Date(at.getTime() + eatOffsetMs);
  const hour = eat.getUTCHours();
  const minute = String(eat.getUTCMinutes()).padStart(2, '0');
  const year = String(eat.getUTCFullYear()).slice(2);
  const clock = `${hour % 12 === 0 ? 12 : hour % 12}:${minute} ${hour < 12 ? 'AM' : 'PM'}`;
  return `${eat.getUTCDate()}/${eat.getUTCMonth() + 1}/${year} at ${clock}`;
}

/** `Ksh1,500.00` */
function ksh(cents: bigint): string {
  const whole = (cents / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  return `Ksh${whole}.${(cents % 100n).toString().padStart(2, '0')}`;
}

export interface SmsFacts {
  readonly receipt: string;
  readonly amountCents: bigint;
  readonly merchant: string;
  readonly account: string;
  readonly balanceCents: bigint;
  readonly at: Date;
}

export function paidSms(facts: SmsFacts): string {
  return (
    `${facts.receipt} Confirmed. ${ksh(facts.amountCents)} paid to ${facts.merchant} for account ${facts.account} ` +
    `on ${smsTime(facts.at)}. New M-PESA balance is ${ksh(facts.balanceCents)}. Transaction cost, Ksh0.00.`
  );
}

export function receivedSms(facts: SmsFacts): string {
  return (
    `${facts.receipt} Confirmed. You have received ${ksh(facts.amountCents)} from ${facts.merchant} ` +
    `on ${smsTime(facts.at)}. New M-PESA balance is ${ksh(facts.balanceCents)}.`
  );
}

export function tooLittleSms(facts: Omit<SmsFacts, 'receipt' | 'account' | 'at'>): string {
  return (
    `Failed. You do not have enough money in your M-PESA account to pay ${ksh(facts.amountCents)} to ` +
    `${facts.merchant}. Your M-PESA balance is ${ksh(facts.balanceCents)}.`
  );
}
