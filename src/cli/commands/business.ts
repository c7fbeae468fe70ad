import { chatIdentityExpected, parseChatIdentity } from '../../domain/chat-identity.ts';
import { roles } from '../../domain/roles.ts';
import { businessNameLimit, type MemberOutcome, readName } from '../../payments/businesses.ts';
import { addMemberByOperator, startBusiness } from '../../payouts/operator.ts';
import { type Answer, type Command, failed, optional, required, wrongCall } from '../command.ts';
import { idExpected, readBusinessId, readLocale, readRole } from '../read.ts';
import { withSession } from '../session.ts';

export const businessAdd: Command = {
  words: 'business add',
  summary: 'makes a business, with its owner',
  options: [required('name', 'N'), required('owner', 'CHANNEL:ID'), optional('locale', 'en|sw')],
  operands: [],
  async run(call, around) {
    const name = readName(call.text('name'));
    if (name.kind !== 'name') return wrongCall(nameExpected);
    const owner = parseChatIdentity(call.text('owner'));
    if (owner === null) return wrongCall(`--owner: ${chatIdentityExpected}`);
    const locale = readLocale(call.optional('locale') ?? 'en');
    if (locale === null) return wrongCall('--locale: expected en or sw');
    return withSession(around, async ({ db, vault }) => {
      const added = await db
        .transaction()
        .execute((tx) =>
          startBusiness(tx, { ...around, vault }, { name: name.name, owner, locale }, 'operator'),
        );
      return {
        kind: 'answer',
        json: { businessId: added.businessId },
        text: `${name.name} is ready: business ${added.businessId}`,
      };
    });
  },
};

export const nameExpected = `--name: expected 1 to ${businessNameLimit} characters`;

export const memberAdd: Command = {
  words: 'member add',
  summary: 'makes a person a member, or gives a member another role',
  options: [required('business', 'ID'), required('user', 'CHANNEL:ID'), required('role', roles.join('|'))],
  operands: [],
  async run(call, around) {
    const businessId = readBusinessId(call.text('business'));
    if (businessId === null) return wrongCall(`--business: ${idExpected}`);
    const user = parseChatIdentity(call.text('user'));
    if (user === null) return wrongCall(`--user: ${chatIdentityExpected}`);
    const role = readRole(call.text('role'));
    if (role === null) return wrongCall(`--role: expected ${roles.join(', ')}`);
    return withSession(around, async ({ db, vault }) => {
      const outcome = await db
        .transaction()
        .execute((tx) => addMemberByOperator(tx, { ...around, vault }, businessId, user, role));
      return memberAnswer(outcome, `${user.channel}:${user.externalId}`, role);
    });
  },
};

function memberAnswer(outcome: MemberOutcome, who: string, role: string): Answer {
  if (outcome.kind === 'no_business') return failed('There is no business with this id.');
  if (outcome.kind === 'last_owner')
    return failed(`${who} is the only owner: make another member owner first.`);
  const text = {
    added: `${who} is a ${role} now: member ${outcome.memberId}`,
    changed: `${who} is a ${role} now: member ${outcome.memberId}`,
    unchanged: `${who} was a ${role} already: member ${outcome.memberId}`,
  }[outcome.kind];
  return { kind: 'answer', json: { memberId: outcome.memberId }, text };
}
