import type { MediaUse } from './media-use.ts';
import type { MessageRow } from './state.ts';

/** What a message says, once read by the rules of its type. */
export type Content = Pick<MessageRow, 'kind' | 'text'> &
  Partial<Pick<MessageRow, 'buttons' | 'replies' | 'menu' | 'template' | 'category'>> & {
    readonly media?: MediaUse | null;
    /** An emoji on one of the person's messages is no message of its own. */
    readonly reaction?: { readonly on: MessageRow; readonly emoji: string | null };
  };
