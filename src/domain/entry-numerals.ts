/**
 * Sums in Swahili and Sheng words: mia tano, elfu moja mia tano, thao mbili soo tano, elfu na nusu. Every reading that
 * the grammar allows is found, because spoken Swahili is ambiguous: "elfu kumi na tano" is 15,000 or 10,005, and "elfu mia
 * mbili" 200,000 or 1,200. Whoever asks decides between them.
 */
const units: ReadonlyMap<string, number> = new Map([
  ['moja', 1],
  ['mbili', 2],
  ['tatu', 3],
  ['nne', 4],
  ['tano', 5],
  ['sita', 6],
  ['saba', 7],
  ['nane', 8],
  ['tisa', 9],
]);
const tens: ReadonlyMap<string, number> = new Map([
  ['kumi', 10],
  ['ishirini', 20],
  ['thelathini', 30],
  ['arobaini', 40],
  ['arubaini', 40],
  ['hamsini', 50],
  ['sitini', 60],
  ['sabini', 70],
  ['themanini', 80],
  ['tisini', 90],
]);
const hundredWords: ReadonlySet<string> = new Set(['mia', 'soo']);
const thousandWords: ReadonlySet<string> = new Set(['elfu', 'thao', 'ngiri', 'g']);
const lakhWords: ReadonlySet<string> = new Set(['laki']);

/**
 * Words that stand alone. jero and buku mean another sum across the Tanzanian border, so that both are asked; the coins and
 * notes below 100 are asked because each has meant something else within a generation.
 */
const loners: ReadonlyMap<string, readonly number[]> = new Map([
  ['finje', [50]],
  ['chwani', [50]],
  ['mbao', [20]],
  ['ashu', [10]],
  ['ngovo', [5]],
  ['jero', [500, 5]],
  ['buku', [1000, 500]],
]);

const connectives: ReadonlySet<string> = new Set(['na', 'nusu', 'punch']);
const vocabulary: ReadonlySet<string> = new Set([
  ...units.keys(),
  ...tens.keys(),
  ...hundredWords,
  ...thousandWords,
  ...lakhWords,
  ...loners.keys(),
  ...connectives,
]);

const longestSum = 12;

export function isNumeral(word: string): boolean {
  return vocabulary.has(word);
}

/** Names a sum by itself, unlike tano or G, which are also said of other things. */
export function isScaleWord(word: string): boolean {
  return (
    word === 'punch' ||
    lakhWords.has(word) ||
    hundredWords.has(word) ||
    (word !== 'g' && thousandWords.has(word))
  );
}

export interface NumeralReading {
  /** Shillings, each once, the roundest first. */
  readonly values: readonly number[];
  /** false: even a single value is to be confirmed. */
  readonly certain: boolean;
}

/** The readings of lower-case words; null when they are no sum. */
export function readNumerals(words: readonly string[]): NumeralReading | null {
  if (words.length === 0 || words.length > longestSum) return null;
  const [first = ''] = words;
  if (words.length === 1) {
    const named = loners.get(first);
    if (named !== undefined) return { values: named, certain: false };
    const unit = units.get(first);
    // "tano" is said for mia tano as well.
    if (unit !== undefined) return { values: [unit * 100, unit], certain: false };
  }
  if (!words.every((word) => vocabulary.has(word) || isFigure(word)) || words.every(isFigure)) return null;
  // "Mama G 500" is a name and a sum.
  if (words.some((word, index) => word === 'g' && isFigure(words[index + 1] ?? ''))) return null;
  const values = [...new Set([...wholeSums(words), ...turnedSums(words)])].sort(roundestFirst);
  return values.length === 0 ? null : { values, certain: values.every((value) => value >= 100) };
}

function roundestFirst(a: number, b: number): number {
  return trailingZeros(b) - trailingZeros(a) || a - b;
}

function trailingZeros(value: number): number {
  return /0*$/.exec(String(value))?.[0].length ?? 0;
}

function isFigure(word: string): boolean {
  return /^[1-9]\d{0,2}$/.test(word);
}

/** One way to read the words from a place on: what it is worth and where it ends. */
interface Step {
  readonly value: number;
  readonly end: number;
}
type Part = (words: readonly string[], at: number) => Step[];

function wholeSums(words: readonly string[]): number[] {
  const parts: readonly Part[] = [lakhs, thousands, belowThousand];
  return sums(words, 0, parts)
    .filter((step) => step.end === words.length)
    .map((step) => step.value);
}

/** Some parts of a falling scale, each once, with "na" between them or not. */
function sums(words: readonly string[], at: number, parts: readonly Part[]): Step[] {
  const found: Step[] = [];
  parts.forEach((part, index) => {
    for (const step of part(words, at)) {
      found.push(step);
      for (const next of new Set([step.end, skip(words, step.end, 'na')]))
        for (const rest of sums(words, next, parts.slice(index + 1)))
          found.push({ value: step.value + rest.value, end: rest.end });
    }
  });
  return found;
}

/** "mia elfu", "mia mbili elfu": a hundred thousand, or a hundred and a thousand. "5 elfu": figures before the scale. */
function turnedSums(words: readonly string[]): number[] {
  const scale = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const size = thousandWords.has(scale) ? 1000 : hundredWords.has(scale) ? 100 : 0;
  if (size === 0 || before.length === 0) return [];
  if (before.length === 1 && isFigure(before[0] ?? '')) return [Number(before[0]) * size];
  if (size === 100 || !hundredWords.has(before[0] ?? '')) return [];
  return hundreds(before, 0)
    .filter((step) => step.end === before.length)
    .flatMap((step) => [step.value * size, step.value + size]);
}

function skip(words: readonly string[], at: number, word: string): number {
  return words[at] === word ? at + 1 : at;
}

function unit(words: readonly string[], at: number): Step[] {
  const word = words[at] ?? '';
  const value = units.get(word) ?? (/^[1-9]$/.test(word) ? Number(word) : undefined);
  return value === undefined ? [] : [{ value, end: at + 1 }];
}

function belowHundred(words: readonly string[], at: number): Step[] {
  const word = words[at] ?? '';
  if (/^[1-9]\d$/.test(word)) return [{ value: Number(word), end: at + 1 }];
  const ten = tens.get(word);
  if (ten === undefined) return unit(words, at);
  const withUnit = unit(words, skip(words, at + 1, 'na')).map((step) => ({
    ...step,
    value: ten + step.value,
  }));
  return [{ value: ten, end: at + 1 }, ...withUnit];
}

function hundreds(words: readonly string[], at: number): Step[] {
  if (words[at] === 'punch') return [{ value: 500, end: at + 1 }];
  if (!hundredWords.has(words[at] ?? '')) return [];
  const counted = unit(words, at + 1).map((step) => ({ ...step, value: step.value * 100 }));
  return withHalf(words, counted.length > 0 ? counted : [{ value: 100, end: at + 1 }], 50);
}

function belowThousand(words: readonly string[], at: number): Step[] {
  return sums(words, at, [hundreds, belowHundred]);
}

function thousands(words: readonly string[], at: number): Step[] {
  return scaled(words, at, thousandWords, 1000, (from) =>
    words[from] === 'punch' ? [] : [...figureBelowThousand(words, from), ...belowThousand(words, from)],
  );
}

function lakhs(words: readonly string[], at: number): Step[] {
  return scaled(words, at, lakhWords, 100_000, (from) => unit(words, from));
}

function figureBelowThousand(words: readonly string[], at: number): Step[] {
  const word = words[at] ?? '';
  return /^[1-9]\d\d$/.test(word) ? [{ value: Number(word), end: at + 1 }] : [];
}

/**
 * A scale with its count. Without one it is once: "elfu na nusu", and "elfu mia mbili" may be 1,200; but in "elfu tano" the
 * five can only be the count.
 */
function scaled(
  words: readonly string[],
  at: number,
  names: ReadonlySet<string>,
  size: number,
  countsFrom: (at: number) => Step[],
): Step[] {
  if (!names.has(words[at] ?? '')) return [];
  const counted = countsFrom(at + 1).map((step) => ({ ...step, value: step.value * size }));
  const onceToo = counted.length === 0 || hundredWords.has(words[at + 1] ?? '');
  return withHalf(words, onceToo ? [...counted, { value: size, end: at + 1 }] : counted, size / 2);
}

/** "elfu mbili na nusu" is 2,500: half of the scale, as people count it. */
function withHalf(words: readonly string[], steps: readonly Step[], half: number): Step[] {
  return steps.flatMap((step) => {
    const at = skip(words, step.end, 'na');
    return words[at] === 'nusu' ? [step, { value: step.value + half, end: at + 1 }] : [step];
  });
}
