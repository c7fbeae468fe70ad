/**
 * A text in as many messages as it needs. Lengths are in UTF-16 units: Meta does not say how it counts, and no other way of
 * counting letters gives more.
 */
import { writeMarked } from './marks.ts';
import { type Run, sliceRuns, textOf } from './text.ts';

/** Every part holds at most `most`, the last one at most `mostOfLast`. Nothing is lost but white space at a cut. */
export function splitText(runs: readonly Run[], most: number, mostOfLast = most): string[] {
  const cuts = cutsOf(runs, mostOfLast);
  const last = cuts.at(-1) ?? 0;
  const parts = last === 0 ? [] : between(sliceRuns(runs, 0, last), most);
  return [...parts, written(runs, last)].filter((part) => part !== '');
}

function between(runs: readonly Run[], most: number): string[] {
  const cuts = [0, ...cutsOf(runs, most)];
  return cuts.map((from, i) => written(runs, from, cuts[i + 1]));
}

function written(runs: readonly Run[], from: number, to?: number): string {
  return writeMarked(sliceRuns(runs, from, to)).replace(/^\s*\n|\s+$/g, '');
}

/** Where the parts after the first one begin. */
function cutsOf(runs: readonly Run[], most: number): number[] {
  const text = textOf(runs);
  const cuts: number[] = [];
  for (let from = 0; written(runs, from).length > most; ) {
    from = nextCut(runs, text, from, most);
    cuts.push(from);
  }
  return cuts;
}

function nextCut(runs: readonly Run[], text: string, from: number, most: number): number {
  let room = Math.min(most, text.length - from - 1);
  for (;;) {
    const to = from + goodCut(text.slice(from, from + room + 64), room);
    // Marks take room too.
    const over = written(runs, from, to).length - most;
    if (over <= 0) return to;
    room = Math.max(Math.min(room, to - from) - over, 1);
  }
}

/** From the best place to the worst; each counts where it leaves the part at least half full. */
const places: readonly RegExp[] = [/\n\s*\n\s*/g, /\n\s*/g, /[.!?…;:]["')\]]?\s+/g, /\s+/g];

/** Where to cut, at most after `room` units: behind a paragraph, a line, a sentence or a word, and never inside a letter. */
export function goodCut(text: string, room: number): number {
  if (text.length <= room) return text.length;
  for (const place of places) {
    let best = 0;
    for (const found of text.matchAll(place)) {
      const visible = found.index + found[0].trimEnd().length;
      if (visible <= room && found.index > 0) best = found.index + found[0].length;
    }
    if (best >= room / 2) return best;
  }
  const letter = new Intl.Segmenter().segment(text).containing(room)?.index ?? room;
  if (letter > 0) return letter;
  // One letter of many parts: at least no half of a pair.
  return /[\udc00-\udfff]/.test(text[room] ?? '') && room > 1 ? room - 1 : Math.max(room, 1);
}
