import type { Membership } from '../turn.ts';

/** What whoever runs the bot types next, so that a business can ask for money. */
export function connectWith(business: Pick<Membership, 'businessId' | 'businessName'>): {
  shop: string;
  cmd: string;
} {
  return {
    shop: business.businessName,
    cmd: `gateway add --business ${business.businessId} --kind bluepay --name BluePay --config FILE`,
  };
}
