/** The people, the phones and the shop of the journeys. */
import { createServer } from 'node:net';
import type { ChatIdentity } from '../../src/domain/chat-identity.ts';
import type { AccountId, BusinessId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import type { Role } from '../../src/domain/roles.ts';
import { createGatewayHttp } from '../../src/gateways/http.ts';
import { silentLog } from '../../src/ops/log.ts';
import { addAccount, checkAccount } from '../../src/payments/accounts.ts';
import { addBusiness, addMember } from '../../src/payments/businesses.ts';
import { createGateways } from '../../src/payments/gateways.ts';
import type { Mpesa } from '../../src/sandbox/mpesa.ts';
import type { ManualScheduler } from '../../src/sandbox/scheduler.ts';
import type { TestDatabase } from '../support/database.ts';
import type { Chat } from './chats.ts';
import type { AccountOrder } from './places.ts';

/** A cashier, and who this world is seen through unless a test names another. */
export const shopPerson = 1001;
export const boss = 1002;
export const stranger = 1003;
export const customerPhone = '254712345678';
export const pin = '7391';
export const botToken = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';
export const shopName = 'Mama Njeri';

export const whatsappKeys = {
  phoneNumberId: '106540352242922',
  accessToken: 'EAAGm0PX4ZCpsBAJourneysToken',
  appSecret: 'f8a5d1c2journeysappsecret',
  verifyToken: 'a-word-of-the-journeys',
} as const;

export function addPeople(chat: Chat, languageCode: string): void {
  const people = [
    [shopPerson, 'Njeri'],
    [boss, 'Baraka'],
    [stranger, 'Otieno'],
  ] as const;
  for (const [id, firstName] of people) chat.addUser({ id, firstName, languageCode, started: true });
}

export function addPhones(mpesa: Mpesa): void {
  for (const msisdn of [customerPhone, '254722000111', '254733000222'])
    mpesa.addSubscriber({ msisdn, pin, balanceCents: 100_000_000n });
}

interface ShopDeps {
  readonly chat: Pick<Chat, 'channel' | 'externalId'>;
  readonly database: TestDatabase;
  readonly scheduler: ManualScheduler;
  readonly publicUrl: string;
}

export interface Shop {
  readonly businessId: BusinessId;
  readonly accountId: AccountId;
  /** Where the gateway's callbacks go unless a prompt names its own place. */
  readonly callbackUrl: string;
}

/** A business of `boss`, with its first account. */
export async function openShop(deps: ShopDeps, name: string, account: AccountOrder): Promise<Shop> {
  const { db } = deps.database;
  const { businessId } = await db.transaction().execute((tx) =>
    addBusiness(tx, made(deps), {
      name,
      owner: whoIs(deps, boss),
      locale: 'en',
    }),
  );
  return { businessId, ...(await openAccount(deps, businessId, account)) };
}

/** What `gateway add` does. */
export async function openAccount(
  deps: ShopDeps,
  businessId: BusinessId,
  order: AccountOrder,
): Promise<Omit<Shop, 'businessId'>> {
  const { db, vault } = deps.database;
  const http = createGatewayHttp({ fetch, log: silentLog });
  const gateways = createGateways({ vault, http, clock: deps.scheduler });
  const added = await addAccount(
    { db, ...made(deps), http, gateways, publicUrl: deps.publicUrl },
    { businessId, ...order },
  );
  if (added.kind !== 'added') throw new Error(added.lines.join('\n'));
  return { accountId: added.accountId, callbackUrl: added.callbackUrl };
}

export async function join(
  deps: ShopDeps,
  businessId: BusinessId,
  person: number,
  role: Role,
): Promise<void> {
  const who = whoIs(deps, person);
  await deps.database.db.transaction().execute((tx) => addMember(tx, made(deps), businessId, who, role));
}

/** As an operator names them. */
export function whoIs({ chat }: Pick<ShopDeps, 'chat'>, person: number): ChatIdentity {
  return { channel: chat.channel, externalId: chat.externalId(person) };
}

/** What `gateway check` does: an account that was stopped takes prompts again. */
export async function checkShop(deps: ShopDeps, accountId: AccountId): Promise<string> {
  const { db, vault } = deps.database;
  const gateways = createGateways({
    vault,
    http: createGatewayHttp({ fetch, log: silentLog }),
    clock: deps.scheduler,
  });
  return (await checkAccount({ db, gateways, clock: deps.scheduler }, accountId)).kind;
}

const made = (deps: ShopDeps) => ({
  vault: deps.database.vault,
  clock: deps.scheduler,
  random: systemRandom,
});

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
