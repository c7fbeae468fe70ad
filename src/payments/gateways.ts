import type { Database, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import type { AccountId } from '../domain/ids.ts';
import type { SmsAbility } from '../gateways/abilities.ts';
import type { OpenGateway } from '../gateways/gateway.ts';
import type { GatewayHttp } from '../gateways/http.ts';
import { openGateway } from '../gateways/registry.ts';
import { sealedAs } from './context.ts';

/**
 * Opens the gateway of an account, once per version of its configuration. Credentials live in memory only as long as
 * the sealed row they came from is the current one.
 */
export interface Gateways {
  /** SMS of the program's own, where no gateway of a business sends them. */
  readonly ownSms?: SmsAbility;
  open(db: Database | Tx, accountId: AccountId): Promise<OpenGateway>;
}

export interface GatewaysDeps {
  readonly vault: Vault;
  readonly http: GatewayHttp;
  readonly clock: Clock;
  readonly ownSms?: SmsAbility | null;
}

export function createGateways(deps: GatewaysDeps): Gateways {
  const opened = new Map<AccountId, { sealed: Buffer; gateway: OpenGateway }>();
  return {
    ...(deps.ownSms && { ownSms: deps.ownSms }),
    async open(db, accountId) {
      const account = await db
        .selectFrom('gateway_account')
        .select(['kind', 'config_sealed'])
        .where('id', '=', accountId)
        .executeTakeFirstOrThrow();
      const known = opened.get(accountId);
      if (known?.sealed.equals(account.config_sealed)) return known.gateway;
      const config: unknown = JSON.parse(
        deps.vault.open(account.config_sealed, sealedAs.accountConfig(accountId)),
      );
      const opening = openGateway(account.kind, config, deps.http, deps.clock);
      if (opening.kind !== 'open')
        throw new Error(`The stored configuration of gateway account ${accountId} does not open.`);
      opened.set(accountId, { sealed: account.config_sealed, gateway: opening.gateway });
      return opening.gateway;
    },
  };
}
