import type { Database } from '../../db/tables.ts';
import type { BusinessId } from '../../domain/ids.ts';
import { shownHeadLetters } from '../../payouts/audit-chain.ts';
import { type AuditVerdict, verifyAudit } from '../../payouts/audit-verify.ts';
import { type Answer, type Command, failed, flag, optional, wrongCall } from '../command.ts';
import { idExpected, readBusinessId } from '../read.ts';
import { withSession } from '../session.ts';

export const auditVerify: Command = {
  words: 'audit verify',
  summary: 'recomputes the audit log; --head compares it with a head that /today showed',
  options: [optional('business', 'ID'), flag('all'), optional('head', 'HEX')],
  operands: [],
  async run(call, around) {
    const given = call.optional('business');
    const businessId = given === null ? null : readBusinessId(given);
    if (given !== null && businessId === null) return wrongCall(`--business: ${idExpected}`);
    if ((businessId === null) !== call.flag('all')) return wrongCall('Give --business ID or --all.');
    const head = call.optional('head')?.toLowerCase() ?? null;
    if (head !== null && (!headShape.test(head) || businessId === null))
      return wrongCall(`--head: expected ${shownHeadLetters} to 64 letters of a head, and one --business`);
    return withSession(around, async ({ db }) =>
      businessId === null ? verifyAll(db) : verifyOne(db, businessId, head),
    );
  },
};

const headShape = new RegExp(`^[0-9a-f]{${shownHeadLetters},64}$`);

async function verifyOne(db: Database, businessId: BusinessId, head: string | null): Promise<Answer> {
  const business = await db
    .selectFrom('business')
    .select('id')
    .where('id', '=', businessId)
    .executeTakeFirst();
  if (business === undefined) return failed('There is no business with this id.');
  const verdict = await verifyAudit(db, businessId, head);
  return answer(jsonOf(verdict), textOf(verdict), verdict.fault === null ? [] : [verdict.fault.text]);
}

async function verifyAll(db: Database): Promise<Answer> {
  const shops = await db.selectFrom('business').select('id').orderBy('created_at').execute();
  const businesses: object[] = [];
  const lines: string[] = [];
  const faults: string[] = [];
  for (const { id } of shops) {
    const verdict = await verifyAudit(db, id);
    businesses.push({ businessId: id, ...jsonOf(verdict) });
    lines.push(`${id}  ${textOf(verdict)}`);
    if (verdict.fault !== null) faults.push(`${id}  ${verdict.fault.text}`);
  }
  return answer({ ok: faults.length === 0, businesses }, lines.join('\n'), faults);
}

function answer(json: object, text: string, faults: readonly string[]): Answer {
  return { kind: 'answer', json, text, ...(faults.length > 0 && { complaint: faults.join('\n') }) };
}

function jsonOf({ batches, entries, head, open, fault }: AuditVerdict) {
  return { ok: fault === null, batches, entries, head, open, fault };
}

function textOf({ batches, entries, head, open, fault }: AuditVerdict): string {
  const proved = `${entries} entries in ${batches} batches are proved, head ${head ?? 'none'}; ${open} still open`;
  return fault === null ? proved : `${proved}. ${fault.text}`;
}
