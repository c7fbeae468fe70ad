/**
 * What an operator reads beside a row that could not be handled: one line, short, without numbers long enough to be a
 * phone. Database errors quote the value that they refuse.
 */
const longest = 300;

export function faultText(fault: unknown): string {
  const text = fault instanceof Error ? fault.message : String(fault);
  const line = text.split('\n', 1)[0] ?? '';
  return line.replace(/\+?\d(?:[ -]?\d){6,}/g, '…').slice(0, longest);
}
