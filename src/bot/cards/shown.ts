/** What a card of payouts showed when it was written, in brief: enough to tell what an edit would change. */
import { digest } from './post.ts';

interface Rendered {
  readonly text: string;
  readonly buttons: readonly object[];
}

/**
 * `<version of what it is about>.<digest of its buttons>.<digest of all>.<digest of all but the figures that come and go>`
 * `still`: the same card, with those figures left out.
 */
export function shownOf(version: number, rendered: Rendered, still: Rendered): string {
  return [version, digest(rendered.buttons).slice(0, 8), digest(rendered), digest(still).slice(0, 8)].join(
    '.',
  );
}

/** The same thing with the same buttons: who presses while a figure is refreshed presses what they see. */
export function sameButtons(a: string, b: string): boolean {
  return a.split('.').slice(0, 2).join() === b.split('.').slice(0, 2).join();
}

/** Nothing differs but figures: where a card cannot be edited in its place, that is worth no message of its own. */
export function sameButFigures(a: string, b: string): boolean {
  return sameButtons(a, b) && a.split('.')[3] === b.split('.')[3];
}
