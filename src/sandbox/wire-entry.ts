/** One call on the page's wire. */
import type { DeskGatewayKind } from './gateway-names.ts';

export interface WireEntry {
  readonly id: string;
  readonly at: string;
  readonly from: 'malipo' | 'whatsapp' | DeskGatewayKind;
  /** The title of the one at the other end. */
  readonly gateway: string;
  readonly method: string;
  readonly path: string;
  /** What it is about, where many go to one path. */
  readonly note?: string;
  /** null: no answer yet, or none ever. */
  readonly status: number | null;
  readonly body: unknown;
  readonly answer: unknown;
  readonly ms: number | null;
}

/** Makes a body fit to be shown. */
export type Clean = (text: string | null) => unknown;
