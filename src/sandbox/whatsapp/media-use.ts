import { fileOf, type Upload, type Whatsapp } from './core.ts';
import { badValue, type Fields, invalid, missing, objectField, onlyKeys, textField } from './rules.ts';
import type { FileRow } from './state.ts';

/** A file that a message carries: uploaded before, or to be fetched from an address. */
export type MediaUse =
  | { readonly kind: 'document' | 'photo'; readonly fileId: string; readonly filename: string | null }
  | { readonly kind: 'document' | 'photo'; readonly link: string; readonly filename: string | null };

export const maxBytes = { document: 100 * 1024 * 1024, image: 5 * 1024 * 1024 };

export const imageTypes: readonly string[] = ['image/jpeg', 'image/png'];
/** "Supported media types", documents. A CSV file is none of them. */
export const documentTypes: readonly string[] = [
  'text/plain',
  'application/pdf',
  'application/msword',
  'application/vnd.ms-excel',
  'application/vnd.ms-powerpoint',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
];

const keys = {
  document: ['id', 'link', 'caption', 'filename'],
  image: ['id', 'link', 'caption'],
};

export function readMedia(whatsapp: Whatsapp, message: Fields, type: 'document' | 'image'): MediaUse {
  const media = objectField(message, type);
  onlyKeys(media, type, keys[type]);
  return use(whatsapp, media, type);
}

export function headerMedia(whatsapp: Whatsapp, header: Fields, type: 'document' | 'image'): MediaUse {
  const media = objectField(header, type, `header['${type}']`);
  onlyKeys(
    media,
    `header['${type}']`,
    keys[type].filter((key) => key !== 'caption'),
  );
  return use(whatsapp, media, type);
}

function use(whatsapp: Whatsapp, media: Fields, type: 'document' | 'image'): MediaUse {
  const kind = type === 'image' ? 'photo' : 'document';
  const filename =
    media.filename === undefined ? null : textField(media, 'filename', `${type}['filename']`, 240);
  if (media.id !== undefined && media.link !== undefined)
    throw invalid(`Only one of ${type}['id'] and ${type}['link'] may be given.`);
  if (media.link !== undefined) {
    const link = textField(media, 'link', `${type}['link']`, 2000);
    if (!URL.canParse(link) || !/^https?:$/.test(new URL(link).protocol))
      throw badValue(`Param ${type}['link'] is not a valid URI.`);
    return { kind, link, filename };
  }
  if (media.id === undefined) throw missing(`One of ${type}['id'] and ${type}['link'] is required.`);
  const file = fileOf(whatsapp, textField(media, 'id', `${type}['id']`, 64));
  if (file === undefined || !file.fromBot)
    throw badValue(`Param ${type}['id'] is not a valid WhatsApp business account media attachment ID`);
  check(file, type);
  return { kind, fileId: file.id, filename };
}

function check(file: FileRow, type: 'document' | 'image'): void {
  if (type === 'image' && !imageTypes.includes(file.mimeType))
    throw badValue(`A media of type ${file.mimeType} cannot be sent as an image.`);
}

/** What Meta does with a link; null where it gets nothing that it may send. */
export async function fetchLink(link: string, kind: 'document' | 'photo'): Promise<Upload | null> {
  try {
    const answer = await fetch(link, { redirect: 'follow' });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const mimeType = answer.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
    const fine =
      kind === 'photo'
        ? imageTypes.includes(mimeType) && bytes.length <= maxBytes.image
        : mimeType !== '' && bytes.length <= maxBytes.document;
    if (!answer.ok || bytes.length === 0 || !fine) return null;
    return { name: new URL(link).pathname.split('/').at(-1) || 'file', mimeType, bytes };
  } catch {
    return null;
  }
}
