/** Protects what people wrote from becoming formatting, and long texts from being cut. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeMarked, writePlain } from '../../../src/channels/whatsapp/marks.ts';
import { splitText } from '../../../src/channels/whatsapp/split.ts';
import { readText } from '../../../src/channels/whatsapp/text.ts';
import { shown } from '../../../src/sandbox/whatsapp/format.ts';

const html = (text: string) => writeMarked(readText(text, 'HTML'));
const plain = (text: string) => writeMarked(readText(text, undefined));
/** The letters that stand for a mark nobody meant. */
const lookalikes: Record<string, string> = { '∗': '*', ˍ: '_', '∼': '~', ˋ: '`' };
const meant = (text: string) => text.replace(/[∗ˍ∼ˋ]/g, (letter) => lookalikes[letter] ?? letter);

describe('Telegram HTML', () => {
  test.each([
    ['✅ <b>KES 500 · P-7KQ4M</b>\nPaid', '✅ *KES 500 · P-7KQ4M*\nPaid'],
    ['<i>a</i> <s>b</s> <code>c</code> <u>d</u>', '_a_ ~b~ `c` d'],
    ['<b>a <i>b</i></b>', '*a* *_b_*'],
    ['<b> two\nlines </b>', ' *two*\n*lines* '],
    ['<pre>x\ny</pre>', '```x\ny```'],
    ['Amina &amp; Sons &lt;3 &#39;s &quot;', 'Amina & Sons <3 \'s "'],
    ['<a href="https://x.ke/?a=1&amp;b=2">Receipt</a>.', 'Receipt (https://x.ke/?a=1&b=2).'],
    ['<a href="https://x.ke/r">https://x.ke/r</a>', 'https://x.ke/r'],
  ])('%j', (source, want) => {
    expect(html(source)).toBe(want);
  });

  test('marks that would not count are left out', () => {
    expect(html('pre<b>fix</b>')).toBe('prefix');
    expect(html('<b>2547****678</b> paid')).toBe('2547****678 paid');
    expect(html('<b>https://x.ke/r</b>')).toBe('https://x.ke/r');
  });
});

describe('commands lose their slash', () => {
  test.each([
    ['/payout sends money\n/verify checks', 'payout sends money\nverify checks'],
    ['See /status P-7KQ4M, or (/help).', 'See status P-7KQ4M, or (help).'],
    ['500/= and 24/7 and https://x.ke/pay and a/b', '500/= and 24/7 and https://x.ke/pay and a/b'],
    ['node /srv/app or /etc/x', 'node /srv/app or /etc/x'],
  ])('%j', (source, want) => {
    expect(plain(source)).toBe(want);
    expect(html(source)).toBe(want);
  });
});

describe("people's own marks", () => {
  test.each([
    ['*free* lunch', '∗free* lunch'],
    ['2547****678 to 2547****679', '2547∗∗∗∗678 to 2547****679'],
    ['2547****678', '2547****678'],
    ['https://x.ke/_abc_ now', 'https://x.ke/%5Fabc_ now'],
    ['3 * 4 * 5', '3 * 4 * 5'],
  ])('%j', (source, want) => {
    expect(plain(source)).toBe(want);
  });

  test('never format, and stay readable', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab *_~`\n.1'), maxLength: 40 });
    fc.assert(
      fc.property(text, (source) => {
        const written = writePlain(source);
        expect(shown(written).entities).toEqual([]);
        expect(meant(written)).toBe(source);
      }),
      { numRuns: 2000 },
    );
  });

  test('do not break the bold head of a card', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab *_~`\n.'), maxLength: 20 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const runs = [
          { text: `${before} `, styles: [] },
          { text: 'KES 5', styles: ['bold' as const] },
          { text: ` ${after}`, styles: [] },
        ];
        const { entities, text: seen } = shown(writeMarked(runs));
        expect(
          entities.map(({ type, offset, length }) => [type, seen.slice(offset, offset + length)]),
        ).toEqual([['bold', 'KES 5']]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('long texts', () => {
  const split = (text: string, most: number, last = most) => splitText(readText(text, 'HTML'), most, last);

  test('are cut at the best place there is', () => {
    const paragraph = 'word '.repeat(12).trim();
    expect(split(`${paragraph}.\n\n${paragraph}`, 100)).toEqual([`${paragraph}.`, paragraph]);
    expect(split(`${paragraph}\n${paragraph}`, 100)).toEqual([paragraph, paragraph]);
    expect(split(`${paragraph}. ${paragraph}`, 100)).toEqual([`${paragraph}.`, paragraph]);
    expect(split('word '.repeat(30), 50).every((part) => /^(word ?)+$/.test(part))).toBe(true);
  });

  test('keep earlier parts long and the last one short', () => {
    const parts = split('A line of a list\n'.repeat(400), 4096, 1024);
    expect(parts.map(({ length }) => length > 1024)).toEqual([true, true, false]);
    expect(parts.every(({ length }) => length <= 4096)).toBe(true);
  });

  test('never inside an emoji, and a cut mark is closed and opened again', () => {
    const parts = split('👩‍👩‍👧'.repeat(20), 30);
    expect(parts.join('')).toBe('👩‍👩‍👧'.repeat(20));
    expect(parts.every((part) => /^(👩‍👩‍👧)+$/.test(part))).toBe(true);
    for (const part of split(`<b>${'word '.repeat(30)}</b>`, 60)) expect(part).toMatch(/^\*(word ?)+\*$/);
  });

  test('lose nothing but white space', () => {
    const unit = fc.constantFrom(
      'a',
      'bc',
      ' ',
      '\n',
      '\n\n',
      '. ',
      '*',
      '_',
      '😀',
      '&amp;',
      '<b>',
      '</b>',
      'https://x.ke/_a_b',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 120 }), fc.integer({ min: 12, max: 40 }), (source, most) => {
        const parts = splitText(readText(source, 'HTML'), most * 2, most);
        expect(parts.every(({ length }, i) => length <= (i === parts.length - 1 ? most : most * 2))).toBe(
          true,
        );
        const letters = (text: string) =>
          meant(text)
            .replaceAll('%5F', '_')
            .replace(/[\s*]|%2A/g, '');
        const whole = readText(source, 'HTML')
          .map(({ text }) => text)
          .join('');
        expect(letters(parts.join(''))).toBe(letters(whole));
      }),
      { numRuns: 1000 },
    );
  });
});
