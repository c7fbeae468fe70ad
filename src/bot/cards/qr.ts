/** A QR code as a picture for a chat. */
import { toBuffer } from 'qrcode';

/** PNG, black on white. Medium correction: it is read from a scratched phone too. */
export async function qrPng(text: string): Promise<Buffer> {
  return await toBuffer(text, { type: 'png', errorCorrectionLevel: 'M', margin: 4, scale: 8 });
}
