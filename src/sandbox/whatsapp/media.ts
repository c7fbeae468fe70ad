import { addFile, fileOf, nowMs, type Upload, type Whatsapp } from './core.ts';
import { documentTypes, imageTypes, maxBytes } from './media-use.ts';
import { badToken, invalid, noObject, Refusal } from './rules.ts';
import type { FileRow } from './state.ts';

/** Everything an upload may be; what a person sends may be anything. */
const limits: ReadonlyMap<string, number> = new Map([
  ...documentTypes.map((type) => [type, maxBytes.document] as const),
  ...imageTypes.map((type) => [type, maxBytes.image] as const),
  ...['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'].map(
    (type) => [type, 16 * 1024 * 1024] as const,
  ),
  ...['video/mp4', 'video/3gpp'].map((type) => [type, 16 * 1024 * 1024] as const),
  ['image/webp', 500 * 1024],
]);

export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, Upload>;
}

/** POST /{phone-number-id}/media. */
export function uploadMedia(whatsapp: Whatsapp, { fields, files }: Form): unknown {
  if (fields.get('messaging_product') !== 'whatsapp')
    throw invalid('The parameter messaging_product is required.');
  const file = files.get('file');
  if (file === undefined) throw invalid('The parameter file is required.');
  const type = fields.get('type');
  if (type === undefined) throw invalid('The parameter type is required.');
  const mimeType = (file.mimeType === 'application/octet-stream' ? type : file.mimeType).split(';')[0] ?? '';
  const most = limits.get(mimeType.trim().toLowerCase());
  if (most === undefined || !limits.has(type.split(';')[0]?.trim().toLowerCase() ?? ''))
    throw invalid(
      `Param file must be a file with one of the following types: ${[...limits.keys()].join(', ')}. Received file of type '${mimeType}'.`,
    );
  if (file.bytes.length === 0) throw invalid('Param file must not be empty.');
  if (file.bytes.length > most)
    throw new Refusal(131053, `The file is ${file.bytes.length} bytes; ${mimeType} takes at most ${most}.`);
  return { id: addFile(whatsapp, { ...file, mimeType }, true).id };
}

const linkMs = 5 * 60 * 1000;

/** GET /{media-id}: an address that holds for five minutes. */
export function getMedia(whatsapp: Whatsapp, id: string, query: URLSearchParams, origin: string): unknown {
  const file = fileOf(whatsapp, id);
  const number = query.get('phone_number_id');
  if (file === undefined || (number !== null && number !== whatsapp.state.phoneNumberId))
    throw noObject('get', id);
  file.link = {
    token: whatsapp.random.bytes(16).toString('base64url'),
    until: nowMs(whatsapp) + linkMs,
  };
  return {
    messaging_product: 'whatsapp',
    url: `${origin}/whatsapp_business/attachments/?mid=${id}&ext=${Math.floor(file.link.until / 1000)}&hash=${file.link.token}`,
    mime_type: file.mimeType,
    sha256: file.sha256,
    file_size: Buffer.byteLength(file.base64, 'base64'),
    id,
  };
}

/** The file behind such an address; an address that is over, or another's, answers 404. */
export function downloadMedia(whatsapp: Whatsapp, query: URLSearchParams, tokenIsRight: boolean): FileRow {
  if (!tokenIsRight) throw badToken('wrong');
  const file = fileOf(whatsapp, query.get('mid') ?? '');
  const link = file?.link ?? null;
  if (file === undefined || link === null || link.token !== query.get('hash') || link.until < nowMs(whatsapp))
    throw new Refusal(100, null, { status: 404, message: 'Media download error' });
  return file;
}
