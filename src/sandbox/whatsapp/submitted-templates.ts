import type { TemplateRow } from './state.ts';

const quick = (...texts: string[]) => texts.map((text) => ({ type: 'QUICK_REPLY', text }) as const);

/** The templates that a business of this program submits, as if Meta had approved them. */
export const submittedTemplates: readonly TemplateRow[] = [
  utility(
    'receipt_customer',
    'en',
    'Your payment of {{1}} to {{2}} was received on {{3}}. Receipt {{4}}, our number {{5}}. This is a payment receipt, not a tax invoice.',
    quick('It was me', 'Something is wrong'),
  ),
  utility(
    'receipt_customer',
    'sw',
    'Malipo yako ya {{1}} kwa {{2}} yamepokelewa {{3}}. Risiti ni {{4}}, nambari yetu ni {{5}}. Hii ni risiti ya malipo, si ankara ya kodi.',
    quick('Ndiyo, ni mimi', 'Kuna shida'),
  ),
  utility(
    'receipt_merchant',
    'en',
    'A payment of {{1}} from {{2}} was received on {{3}}. Receipt {{4}}, our number {{5}}. Open it to see the details.',
    quick('Review'),
  ),
  utility(
    'receipt_merchant',
    'sw',
    'Malipo ya {{1}} kutoka {{2}} yamepokelewa {{3}}. Nambari ya risiti ni {{4}}, nambari yetu ni {{5}}. Fungua ili kuona maelezo yote.',
    quick('Kagua'),
  ),
  utility(
    'approval_wanted',
    'en',
    'A payout of {{1}} to {{2}} waits for your approval. It was asked by {{3}}, number {{4}}, and closes at {{5}}. Open it to decide.',
    quick('Review'),
  ),
  utility(
    'approval_wanted',
    'sw',
    'Ombi la kutuma {{1}} kwa {{2}} linasubiri idhini yako. Mwombaji ni {{3}}, nambari {{4}}; litafungwa {{5}}. Fungua ili kuidhinisha au kukataa.',
    quick('Kagua'),
  ),
];

function utility(
  name: string,
  language: string,
  body: string,
  buttons: NonNullable<TemplateRow['buttons']>,
): TemplateRow {
  return { name, language, category: 'utility', status: 'APPROVED', body, buttons };
}
