/** Why a yes did not count, in words. */
import { showMoney } from '../../domain/money.ts';
import type { Approved } from '../../payouts/approve.ts';

export interface ApprovalSaid {
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Of an approval that was refused; `role` needs who holds it, which only the caller knows. */
export function sayApproval(outcome: Exclude<Approved, { kind: 'approved' | 'digits' }>): ApprovalSaid {
  switch (outcome.kind) {
    case 'not_now':
      return { key: 'old-card', values: {} };
    case 'own':
      return { key: 'own', values: {} };
    case 'no_right':
      return { key: 'not-yours', values: {} };
    case 'frozen':
      return { key: 'po-stopped', values: {} };
    case 'asker_left':
      return { key: 'po-asker-gone', values: {} };
    case 'not_refundable':
      return { key: 'po-not-refundable', values: {} };
    case 'over_limit': {
      const { limit, most, left } = outcome.over;
      return { key: 'over-limit', values: { limit, most: showMoney(most), left: showMoney(left) } };
    }
  }
}
