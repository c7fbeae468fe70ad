import type { AttachedFile } from '../channels/channel.ts';

/** A file for a payload: the value of `document` in `sendDocument`, of `photo` in `sendPhoto`. A few hundred KiB at most. */
export function attach(name: string, mimeType: string, bytes: Buffer): AttachedFile {
  return { file: { name, mimeType, base64: bytes.toString('base64') } };
}
