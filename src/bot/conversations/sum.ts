/** Asks for one sum, of a person or a link: what can be read in two ways is asked with buttons, never guessed. */
import { showMoney } from '../../domain/money.ts';
import type { Kit, Option, Read, Say } from '../kit.ts';
import { type Given, readGiven } from './request-read.ts';

export interface SumQuestion<Other> {
  readonly say: Say;
  /** What else can be chosen in place of a sum. */
  readonly others: readonly Option<Other>[];
  /** What is known already, the likelier first; a sure one is not asked. */
  readonly known: { readonly cents: readonly bigint[]; readonly sure: boolean } | null;
}

export type Chosen<Other> = { readonly cents: bigint } | { readonly other: Other };

type Asked<Other> = { readonly given: Pick<Given, 'cents' | 'sure'> } | { readonly other: Other };

/** null: too many tries; the person has been told. */
export async function askSum<Other>(kit: Kit, question: SumQuestion<Other>): Promise<Chosen<Other> | null> {
  const { known } = question;
  const asked: Asked<Other> | null =
    known !== null && known.cents.length > 0 ? { given: known } : await askFirst(kit, question);
  if (asked === null || 'other' in asked) return asked;
  const [only, ...rest] = asked.given.cents;
  if (only !== undefined && rest.length === 0 && asked.given.sure) return { cents: only };
  return await chooseSum(kit, asked.given.cents);
}

function askFirst<Other>(kit: Kit, { say, others }: SumQuestion<Other>): Promise<Asked<Other> | null> {
  return kit.ask<Asked<Other>>({
    id: 'amount',
    say,
    options: others.map(({ label, value }) => ({ label, value: { other: value } })),
    digits: true,
    read: (answer) => {
      const read = readGiven(answer);
      return 'value' in read ? { value: { given: read.value } } : read;
    },
  });
}

async function chooseSum(kit: Kit, sums: readonly bigint[]): Promise<{ cents: bigint } | null> {
  const options = sums.map((cents) => ({ label: showMoney(cents), value: cents }));
  const [a = '', ...others] = options.map(({ label }) => label);
  const say: Say =
    others.length > 0
      ? { key: 'either', values: { a, b: others.join(', ') } }
      : { key: 'either-one', values: { a } };
  const cents = await kit.ask<bigint>({
    id: 'either-amount',
    say,
    options,
    digits: true,
    read: (answer): Read<bigint> => {
      const read = readGiven(answer);
      if (!('value' in read)) return read;
      const [first] = read.value.cents;
      return first !== undefined && read.value.sure ? { value: first } : { again: say };
    },
  });
  return cents === null ? null : { cents };
}
