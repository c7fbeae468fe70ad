import { cleanNote, noteLength, noteLimit } from '../../domain/typed-text.ts';
import type { Answer, Read, Say } from '../kit.ts';

/** A typed sentence that others will read; `say` asks for it again where nothing was typed. */
export function readReason(answer: Answer, say: Say): Read<string> {
  const text = answer.kind === 'text' ? cleanNote(answer.text) : '';
  const count = noteLength(text);
  if (count > noteLimit)
    return { again: { key: 'note-long', values: { max: String(noteLimit), count: String(count) } } };
  return text === '' || text.startsWith('/') ? { again: say } : { value: text };
}
