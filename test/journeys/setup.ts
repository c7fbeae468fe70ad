/** Leaves out what WhatsApp has no such thing for, by the one list of it. */
import { basename } from 'node:path';
import { beforeEach } from 'vitest';
import { journeyChannel } from './channel.ts';
import { onlyTelegram } from './only-telegram.ts';

beforeEach(({ task, skip }) => {
  if (journeyChannel !== 'whatsapp') return;
  const reason = onlyTelegram[basename(task.file.filepath)]?.[task.name];
  if (reason !== undefined) skip(reason);
});
