/**
 * Templates: what Meta approved in advance and takes at any time. Their names, languages and places are configuration, since
 * an operator may have submitted them under other names; the texts to submit are VOICE.md's.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Locale } from '../../db/tables.ts';
import { writePlain } from './marks.ts';

export const templateNames = ['receipt_customer', 'receipt_merchant', 'approval_wanted'] as const;
export type TemplateName = (typeof templateNames)[number];

/** The default texts, for the documents and for whoever plays Meta. Category UTILITY; buttons are quick replies. */
export const templateTexts = {
  receipt_customer: {
    en: {
      body: 'Your payment of {{1}} to {{2}} was received on {{3}}. Receipt {{4}}, our number {{5}}. This is a payment receipt, not a tax invoice.',
      buttons: ['It was me', 'Something is wrong'],
    },
    sw: {
      body: 'Malipo yako ya {{1}} kwa {{2}} yamepokelewa {{3}}. Risiti ni {{4}}, nambari yetu ni {{5}}. Hii ni risiti ya malipo, si ankara ya kodi.',
      buttons: ['Ndiyo, ni mimi', 'Kuna shida'],
    },
  },
  receipt_merchant: {
    en: {
      body: 'A payment of {{1}} from {{2}} was received on {{3}}. Receipt {{4}}, our number {{5}}. Open it to see the details.',
      buttons: ['Review'],
    },
    sw: {
      body: 'Malipo ya {{1}} kutoka {{2}} yamepokelewa {{3}}. Nambari ya risiti ni {{4}}, nambari yetu ni {{5}}. Fungua ili kuona maelezo yote.',
      buttons: ['Kagua'],
    },
  },
  approval_wanted: {
    en: {
      body: 'A payout of {{1}} to {{2}} waits for your approval. It was asked by {{3}}, number {{4}}, and closes at {{5}}. Open it to decide.',
      buttons: ['Review'],
    },
    sw: {
      body: 'Ombi la kutuma {{1}} kwa {{2}} linasubiri idhini yako. Mwombaji ni {{3}}, nambari {{4}}; litafungwa {{5}}. Fungua ili kuidhinisha au kukataa.',
      buttons: ['Kagua'],
    },
  },
} as const satisfies Record<
  TemplateName,
  Record<Locale, { readonly body: string; readonly buttons: readonly string[] }>
>;

export interface TemplateSetup {
  /** As it is called at Meta. */
  readonly name: string;
  /** Meta's language codes, such as `en` or `en_US`. */
  readonly languages: Readonly<Record<Locale, string>>;
  /** Which of our five values stands in {{1}}, {{2}}, …; its length is the number of places. */
  readonly parameters: readonly number[];
  /** How many quick reply buttons it has. */
  readonly buttons: number;
}

export type Templates = Readonly<Record<TemplateName, TemplateSetup>>;

const defaultOf = (name: TemplateName): TemplateSetup => ({
  name,
  languages: { en: 'en', sw: 'sw' },
  parameters: [1, 2, 3, 4, 5],
  buttons: templateTexts[name].en.buttons.length,
});

export const defaultTemplates: Templates = {
  receipt_customer: defaultOf('receipt_customer'),
  receipt_merchant: defaultOf('receipt_merchant'),
  approval_wanted: defaultOf('approval_wanted'),
};

const language = z
  .string()
  .regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, { error: 'expected a code such as en or en_US' });
const place = z.int({ error: 'expected whole numbers from 1 to 5' }).min(1).max(5);
const setup = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9_]{1,512}$/, { error: 'expected small letters, digits and _' })
    .optional(),
  languages: z.strictObject({ en: language.optional(), sw: language.optional() }).optional(),
  parameters: z.array(place).max(10).optional(),
  buttons: z.int().min(0).max(3).optional(),
});
const file = z.strictObject({
  receipt_customer: setup.optional(),
  receipt_merchant: setup.optional(),
  approval_wanted: setup.optional(),
});

export type TemplatesReading =
  | { readonly kind: 'templates'; readonly templates: Templates }
  /** One line for each fault. */
  | { readonly kind: 'faults'; readonly lines: readonly string[] };

/** What the file does not name stays as the default. */
export function parseTemplates(text: string): TemplatesReading {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'faults', lines: ['expected JSON'] };
  }
  const read = file.safeParse(json);
  if (!read.success)
    return {
      kind: 'faults',
      lines: read.error.issues.map(({ path, message }) =>
        [path.join('.'), message].filter(Boolean).join(': '),
      ),
    };
  const merged = (name: TemplateName): TemplateSetup => {
    const { languages, ...given } = read.data[name] ?? {};
    const base = defaultTemplates[name];
    const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const { en = base.languages.en, sw = base.languages.sw } = languages ?? {};
    return { ...base, ...said, languages: { en, sw } };
  };
  const templates = {
    receipt_customer: merged('receipt_customer'),
    receipt_merchant: merged('receipt_merchant'),
    approval_wanted: merged('approval_wanted'),
  };
  return { kind: 'templates', templates };
}

/** Its place is DATA_DIR. */
export const templatesFile = 'whatsapp-templates.json';

/** Without the file, the defaults. */
export async function readTemplates(path: string): Promise<TemplatesReading> {
  try {
    return parseTemplates(await readFile(path, 'utf8'));
  } catch (err) {
    const code = err instanceof Error && 'code' in err ? String(err.code) : 'fault';
    if (code === 'ENOENT') return { kind: 'templates', templates: defaultTemplates };
    return { kind: 'faults', lines: [`it cannot be read: ${code}`] };
  }
}

/** As `payload.template` of the outbox. */
export const wantedTemplate = z.object({
  name: z.enum(templateNames),
  locale: z.enum(['en', 'sw']),
  values: z.array(z.string()),
  presses: z.array(z.string()).default([]),
});

export type WantedTemplate = z.infer<typeof wantedTemplate>;

/** The body of the message, but for its recipient. */
export function templateMessage(templates: Templates, wanted: WantedTemplate): Record<string, unknown> {
  const { name, languages, parameters, buttons } = templates[wanted.name];
  const values = parameters.map((at) => ({ type: 'text', text: cleaned(wanted.values[at - 1] ?? '') }));
  const presses = wanted.presses.slice(0, buttons).map((payload, index) => ({
    type: 'button',
    sub_type: 'quick_reply',
    index: String(index),
    parameters: [{ type: 'payload', payload }],
  }));
  const components = [...(values.length === 0 ? [] : [{ type: 'body', parameters: values }]), ...presses];
  return { type: 'template', template: { name, language: { code: languages[wanted.locale] }, components } };
}

/** Five of these and the longest text stay under Meta's 1,024 characters. */
const longestValue = 150;

/** Meta refuses # $ %, line breaks, runs of spaces and nothing at all. */
function cleaned(value: string): string {
  const line = value.replace(/[#$%]/g, '').replace(/\s+/g, ' ').trim();
  const short = line.length <= longestValue ? line : `${line.slice(0, longestValue - 1).trimEnd()}…`;
  return writePlain(short) || '-';
}
