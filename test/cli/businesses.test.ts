/** Protects how a business and its people come to be: from an operator's command line to the rows that the bot reads. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createQuickOperator, environmentOf, type Operator } from './operator.ts';

let database: TestDatabase;
let operator: Operator;
beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
  operator = await createQuickOperator(environmentOf(database));
});
afterAll(async () => {
  await operator.close();
  await database.close();
});

function addBusiness(name: string, owner: string, ...more: string[]) {
  return operator.json(['business', 'add', '--name', name, '--owner', owner, ...more]);
}

function memberArgs(business: unknown, user: string, role: string): string[] {
  return ['member', 'add', '--business', String(business), '--user', user, '--role', role];
}

function membersOf(businessId: unknown) {
  return database.db
    .selectFrom('member')
    .innerJoin('identity', 'identity.id', 'member.identity_id')
    .innerJoin('business', 'business.id', 'member.business_id')
    .select(['channel', 'external_id', 'role', 'business.name', 'business.locale', 'current_business_id'])
    .where('business.id', '=', String(businessId) as never)
    .orderBy('external_id')
    .execute();
}

describe('business add', () => {
  it('makes the business with its owner, and prints one object', async () => {
    const added = await addBusiness('  Mama\u200b   Njeri ', 'telegram:1001', '--locale', 'sw');
    expect(Object.keys(added)).toEqual(['businessId']);
    expect(await membersOf(added.businessId)).toEqual([
      {
        channel: 'telegram',
        external_id: '1001',
        role: 'owner',
        name: 'Mama Njeri',
        locale: 'sw',
        current_business_id: added.businessId,
      },
    ]);
  });

  it('leaves a person in the business where they work', async () => {
    const first = await addBusiness('First', 'whatsapp:254712345678');
    const second = await addBusiness('Second', 'whatsapp:254712345678');
    const [owner] = await membersOf(second.businessId);
    expect(owner?.current_business_id).toBe(first.businessId);
  });

  it('tells it as text too', async () => {
    const ran = await operator.run(['business', 'add', '--name', 'Duka', '--owner', 'telegram:7']);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^Duka is ready: business [0-9a-f-]{36}\n$/);
  });
});

describe('member add', () => {
  it('adds a person once, changes a role, and answers with the same member', async () => {
    const { businessId } = await addBusiness('Shop', 'telegram:1');
    const added = await operator.json(memberArgs(businessId, 'telegram:2', 'cashier'));
    expect(await operator.json(memberArgs(businessId, 'telegram:2', 'cashier'))).toEqual(added);
    expect(await operator.json(memberArgs(businessId, 'telegram:2', 'manager'))).toEqual(added);
    const members = await membersOf(businessId);
    expect(members.map(({ external_id, role }) => `${external_id} ${role}`)).toEqual([
      '1 owner',
      '2 manager',
    ]);
  });

  it('keeps the last owner, and lets one of two go', async () => {
    const { businessId } = await addBusiness('Owned', 'telegram:3');
    const refused = await operator.run(memberArgs(businessId, 'telegram:3', 'viewer'));
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('only owner');
    await operator.json(memberArgs(businessId, 'telegram:4', 'owner'));
    await operator.json(memberArgs(businessId, 'telegram:3', 'viewer'));
    const members = await membersOf(businessId);
    expect(members.map(({ external_id, role }) => `${external_id} ${role}`)).toEqual(['3 viewer', '4 owner']);
  });

  it('refuses a business that is not there', async () => {
    const ran = await operator.run(memberArgs('0192f0c1-5a3b-7c4d-8e5f-001122334455', 'telegram:2', 'owner'));
    expect(ran).toEqual({ status: 1, stdout: '', stderr: 'There is no business with this id.\n' });
  });
});
