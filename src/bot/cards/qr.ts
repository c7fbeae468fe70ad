/** A QR code as a picture for a chat. */

/** PNG, black on white. Medium correction: it is read from a scratched phone too. */
export async function qrPng(text: string): Promise<Buffer> {
  // Loaded when it is first needed: a sixth of a second that no start has to wait for.
  const { toBuffer } = await import('qrcode');
  return await toBuffer(text, { type: 'png', errorCorrectionLevel: 'M', margin: 4, scale: 8 });
}
