/** GET /v1/account. */
import type { Answer } from '../gateway-kit/wire.ts';
import { json } from '../gateway-kit/wire.ts';
import type { SmartpayOffice } from './entry.ts';
import type { Key } from './state.ts';
import { merchantOf } from './state.ts';
import type { Status } from './transactions.ts';
import { merchantPushes, statusOf } from './transactions.ts';

export function showAccount(office: SmartpayOffice, key: Key): Answer {
  const merchant = merchantOf(office.state, key.merchantId);
  const statuses = merchantPushes(office, key).map(statusOf);
  const count = (status: Status): number => statuses.filter((one) => one === status).length;
  return json({
    success: true,
    account: {
      account_number: merchant.accountNumber,
      fullname: merchant.fullname,
      verified: merchant.verified,
    },
    active_key: {
      id: key.id,
      name: key.name,
      plan: merchant.plan,
      limit_remaining: key.limit,
      fraud_suspended: key.fraudSuspended,
    },
    subscription: {
      plan: merchant.plan,
      status: merchant.subscriptionStatus,
      expires_at: merchant.expiresAt,
      api_calls: merchant.apiCalls,
    },
    transaction_stats: {
      total: statuses.length,
      completed: count('completed'),
      pending: count('pending'),
      failed: count('failed'),
    },
  });
}
