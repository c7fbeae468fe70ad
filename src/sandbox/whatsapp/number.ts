import { Refusal } from './rules.ts';
import type { WhatsappState } from './state.ts';

const usual = [
  'verified_name',
  'code_verification_status',
  'display_phone_number',
  'quality_rating',
  'platform_type',
  'throughput',
] as const;

/** GET /{phone-number-id}: the usual fields, or those asked for. */
export function readNumber(state: WhatsappState, query: URLSearchParams): Record<string, unknown> {
  const all: Readonly<Record<string, unknown>> = {
    verified_name: 'Malipo',
    code_verification_status: 'VERIFIED',
    display_phone_number: `+${state.displayPhoneNumber.replace(/^\+/, '')}`,
    quality_rating: 'GREEN',
    platform_type: 'CLOUD_API',
    throughput: { level: 'STANDARD' },
    status: 'CONNECTED',
    name_status: 'APPROVED',
    messaging_limit_tier: 'TIER_1K',
    id: state.phoneNumberId,
  };
  const asked = query.get('fields')?.split(',') ?? usual;
  const answer: Record<string, unknown> = {};
  for (const name of asked) {
    if (!(name in all))
      throw new Refusal(100, null, {
        message: `(#100) Tried accessing nonexisting field (${name}) on node type (WhatsAppBusinessPhoneNumber)`,
      });
    answer[name] = all[name];
  }
  return { ...answer, id: state.phoneNumberId };
}
