/** What a member of a business may do. Checked when authority is used, never when a button is drawn. */
export const roles = ['owner', 'manager', 'cashier', 'viewer'] as const;
export type Role = (typeof roles)[number];

export type Right =
  | 'request_payment'
  | 'see_payments'
  | 'review'
  | 'request_payout'
  | 'approve_payout'
  | 'freeze_payouts'
  | 'allow_payouts'
  | 'manage_staff'
  | 'change_business';

const managerRights = [
  'request_payment',
  'see_payments',
  'review',
  'request_payout',
  'approve_payout',
  'freeze_payouts',
] as const satisfies readonly Right[];

const rights = {
  owner: [...managerRights, 'allow_payouts', 'manage_staff', 'change_business'],
  manager: managerRights,
  cashier: ['request_payment', 'see_payments'],
  viewer: ['see_payments'],
} as const satisfies Record<Role, readonly Right[]>;

export function may(role: Role, right: Right): boolean {
  return (rights[role] as readonly Right[]).includes(right);
}

/** The least role that holds a right, to name it in "This is for a manager". */
export function leastRoleFor(right: Right): Role {
  const fromLeast = [...roles].reverse();
  return fromLeast.find((role) => may(role, right)) ?? 'owner';
}
