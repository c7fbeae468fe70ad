/**
 * Buttons of the Bot API as WhatsApp has them: up to three reply buttons with short titles, lists of up to ten rows, or one
 * button that opens an address ("Interactive reply buttons", "Interactive list", "Interactive CTA URL" messages).
 */
import { z } from 'zod';
import { goodCut } from './split.ts';

export interface Press {
  readonly id: string;
  readonly label: string;
}

export interface Link {
  readonly url: string;
  readonly label: string;
}

export interface Markup {
  readonly presses: readonly Press[];
  readonly links: readonly Link[];
  /** A key that shares the person's own number; its label. */
  readonly ownNumber: string | null;
}

const key = z.object({
  text: z.string(),
  callback_data: z.string().optional(),
  url: z.string().optional(),
  request_contact: z.boolean().optional(),
});

/** What else the Bot API has (remove_keyboard, keys that only type their label) shows nothing here. */
export const replyMarkup = z
  .object({
    inline_keyboard: z.array(z.array(key)).optional(),
    keyboard: z.array(z.array(z.union([key, z.string()]))).optional(),
  })
  .nullish();

export function readMarkup(markup: z.infer<typeof replyMarkup>): Markup {
  const keys = (markup?.inline_keyboard ?? []).flat();
  const presses = keys.flatMap(({ text, callback_data: id }) =>
    id === undefined ? [] : [{ id, label: oneLine(text) }],
  );
  const own = (markup?.keyboard ?? [])
    .flat()
    .find((one) => typeof one === 'object' && one.request_contact === true);
  return {
    // Two buttons that do the same are one.
    presses: presses.filter((press, i) => presses.findIndex(({ id }) => id === press.id) === i),
    links: keys.flatMap(({ text, url }) => (url === undefined ? [] : [{ url, label: oneLine(text) }])),
    ownNumber: typeof own === 'object' ? oneLine(own.text) : null,
  };
}

function oneLine(label: string): string {
  return label.replace(/\s+/g, ' ').trim();
}

export type Action = Readonly<Record<string, unknown>>;

const mostReplies = 3;
const longestTitle = 20;
const mostRows = 10;
const longestRowTitle = 24;
const longestDescription = 72;
const longestAddress = 2000;

/** null: these are more than three, or their labels are too long, and want a list. */
export function replyButtons(presses: readonly Press[]): Action | null {
  if (presses.length > mostReplies || presses.some(({ label }) => label.length > longestTitle)) return null;
  const titles = unlike(presses.map(({ label }) => label));
  return {
    buttons: presses.map(({ id }, i) => ({ type: 'reply', reply: { id, title: titles[i] } })),
  };
}

/** As many lists as ten rows each make. `choose`: what opens one. */
export function lists(presses: readonly Press[], choose: string): Action[] {
  const found: Action[] = [];
  for (let from = 0; from < presses.length; from += mostRows) {
    const some = presses.slice(from, from + mostRows);
    const titles = unlike(some.map(({ label }) => shortened(label, longestRowTitle)));
    const rows = some.map(({ id, label }, i) => ({
      id,
      title: titles[i],
      // Cut, the title is told whole below itself.
      ...(label.length > longestRowTitle && { description: shortened(label, longestDescription) }),
    }));
    found.push({ button: choose, sections: [{ rows }] });
  }
  return found;
}

/** null: no button takes this address or this label. */
export function linkButton({ url, label }: Link): Action | null {
  if (label.length > longestTitle || url.length > longestAddress) return null;
  if (!URL.canParse(url) || !/^https?:\/\//.test(url)) return null;
  return { name: 'cta_url', parameters: { display_text: label, url } };
}

function shortened(label: string, most: number): string {
  return label.length <= most ? label : `${label.slice(0, goodCut(label, most - 1)).trimEnd()}…`;
}

/** Titles of one message differ: the second of two equal ones says so. */
function unlike(titles: readonly string[]): string[] {
  const taken = new Set<string>();
  return titles.map((title) => {
    let own = title;
    for (let number = 2; taken.has(own); number++) {
      const end = ` ${number}`;
      const most = Math.max(title.length, longestTitle) - end.length;
      own = `${title.slice(0, title.length <= most ? most : goodCut(title, most)).trimEnd()}${end}`;
    }
    taken.add(own);
    return own;
  });
}
