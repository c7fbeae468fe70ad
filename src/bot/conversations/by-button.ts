import type { Kit, Say } from '../kit.ts';

/** Asks for a press: a typed yes changes neither money nor authority. The first button is the yes, the last one the no. */
export async function confirmByButton(
  kit: Kit,
  id: string,
  say: Say,
  yes: string,
  no: string,
): Promise<boolean> {
  const confirmed = await kit.ask<boolean>({
    id,
    say,
    options: [
      { label: kit.word(yes), value: true },
      { label: kit.word(no), value: false },
    ],
    read: () => ({ again: { key: 'pay-press' } }),
  });
  return confirmed === true;
}
