import path from 'node:path';
import { createWhatsappApi } from '../../channels/whatsapp/api.ts';
import { meaningOf, type Refused } from '../../channels/whatsapp/codes.ts';
import { readTemplates, templatesFile } from '../../channels/whatsapp/templates.ts';
import { isLoopback } from '../../domain/address.ts';
import { silentLog } from '../../ops/log.ts';
import type { Surroundings } from '../command.ts';
import type { Session } from '../session.ts';
import { type Finding, hint, ok, wrong } from './finding.ts';

const timeoutMs = 15_000;

/** Our number, what Meta may call, and the templates; nothing where WhatsApp is not connected. */
export async function checkWhatsapp(session: Session, around: Surroundings): Promise<Finding[]> {
  const { config, dataDir } = session;
  const templatesPath = path.join(dataDir ?? config.dataDir, templatesFile);
  if (config.whatsapp === null) return [];
  const api = createWhatsappApi({ ...config.whatsapp, fetch: around.fetch, log: silentLog });
  const answer = await api.number({ timeoutMs });
  const number =
    answer.kind === 'ok'
      ? ok('whatsapp', `the number is ${answer.result.display_phone_number}`)
      : answer.kind === 'refused'
        ? refused(answer)
        : wrong('whatsapp', `no answer (${answer.detail})`, 'see that this server reaches WHATSAPP_API_ROOT');
  return [number, await checkWebhook(session), await checkTemplates(templatesPath)];
}

function refused(answer: Refused): Finding {
  const meaning = meaningOf(answer);
  const why = `refused (HTTP ${answer.status}, code ${answer.code ?? 'none'})`;
  if (meaning === 'token')
    return wrong(
      'whatsapp',
      'the access token is refused',
      'make a new one for the system user and set WHATSAPP_ACCESS_TOKEN',
    );
  if (meaning === 'account')
    return wrong(
      'whatsapp',
      'the number is not usable with this token',
      'compare WHATSAPP_PHONE_NUMBER_ID with the number in WhatsApp Manager, and look there for restrictions',
    );
  return wrong('whatsapp', why, 'try again in a minute');
}

async function checkWebhook({ db, config }: Session): Promise<Finding> {
  const address = `${config.publicUrl}/whatsapp`;
  const apiIsHere = isLoopback(config.whatsapp?.apiRoot ?? '');
  if (!apiIsHere && !address.startsWith('https:'))
    return wrong(
      'whatsapp webhook',
      `Meta does not call ${address}`,
      'set PUBLIC_URL to an https:// address',
    );
  const row = await db
    .selectFrom('inbox')
    .select('received_at')
    .where('source', '=', 'whatsapp')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined)
    return hint(
      'whatsapp webhook',
      'nothing has come yet',
      `register ${address} in the app's WhatsApp configuration, subscribe to "messages", and join the app to the account (docs/whatsapp.md, step 5)`,
    );
  return ok('whatsapp webhook', `last message or status ${row.received_at.toISOString()}`);
}

async function checkTemplates(path: string): Promise<Finding> {
  const reading = await readTemplates(path);
  if (reading.kind === 'faults')
    return wrong('whatsapp templates', reading.lines.join('; '), `correct ${path}`);
  const names = Object.values(reading.templates).map(({ name }) => name);
  return ok('whatsapp templates', `${names.join(', ')}: see that Meta shows them as active`);
}
