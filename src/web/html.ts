/** HTML that cannot be written without escaping: what is put into the template is text, unless it is `Html` already. */
const made: unique symbol = Symbol('html');

export interface Html {
  readonly [made]: string;
}

/** Nothing is written for null, false and undefined. */
export type HtmlValue = Html | string | number | bigint | null | undefined | false | readonly HtmlValue[];

/** Attributes are written in double quotes, so that what is put into them stays inside. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return trusted(parts.reduce((text, part, at) => `${text}${written(values[at - 1])}${part}`));
}

/** For markup that a library or this program made: never for what came from people. */
export function trusted(markup: string): Html {
  return { [made]: markup };
}

export function markupOf(content: Html): string {
  return content[made];
}

function written(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'object') return isList(value) ? value.map(written).join('') : value[made];
  return escaped(String(value));
}

function isList(value: Html | readonly HtmlValue[]): value is readonly HtmlValue[] {
  return Array.isArray(value);
}

const entities = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
} as const;

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character as keyof typeof entities]);
}
