/** Makes what went over a wire fit to be shown: phones masked, tokens and secrets shortened. */

/** JSON stays JSON, anything else is text; null where there is nothing. */
export function cleaned(text: string | null, secrets: readonly string[]): unknown {
  if (text === null || text === '') return null;
  const hidden = secrets.reduce((left, secret) => left.replaceAll(secret, '[hidden]'), text);
  try {
    return maskValue(JSON.parse(hidden));
  } catch {
    return maskText(hidden);
  }
}

function maskValue(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'number') return isPhone(value) ? maskText(String(value)) : value;
  if (Array.isArray(value)) return value.map(maskValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskValue(inner)]));
}

function isPhone(value: number): boolean {
  return /^254[17]\d{8}$/.test(String(value));
}

/**
 * `2547****678`, `0712****678`, `0712 *** 678`; some checkout ids end with the phone, and WhatsApp's ids of messages and
 * conversations hold it; a callback's tokens keep four signs each.
 */
export function maskText(text: string): string {
  return text
    .replace(/(ws_CO_\d+[17])\d{5}(\d{3})(?!\d)/g, '$1****$2')
    .replace(/wamid\.[\w+/=-]{12,}([\w+/-]{6}=*)/g, 'wamid.…$1')
    .replace(/\bc0{6,}\d{9,}/g, 'c0…')
    .replace(/(?<!\d)(?:(254[17])\d{5}|(0[17]\d\d)\d{3})(\d{3})(?!\d)/g, '$1$2****$3')
    .replace(/(?<!\d)(0[17]\d\d) \d{3} (\d{3})(?!\d)/g, '$1 *** $2')
    .replace(/\/cb\/[0-9a-f]+(\/[0-9a-f]+)?/g, (path) => path.replace(/([0-9a-f]{4})[0-9a-f]{8,}/g, '$1…'));
}
