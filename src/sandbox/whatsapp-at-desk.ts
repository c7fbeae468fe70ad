/** The emulated WhatsApp as the desk has it: its credentials, who is on it, and what can go wrong there. */
import type { Random } from '../domain/random.ts';
import { people } from './cast.ts';
import type { Saved } from './desk-file.ts';
import type { Scheduler } from './scheduler.ts';
import type { WhatsappControl } from './whatsapp/control.ts';
import { createWhatsappServer, type WhatsappServer } from './whatsapp/server.ts';

/** What an operator copies from Meta's dashboard, and the verify token that he makes up. */
export interface WhatsappKeys {
  readonly accessToken: string;
  readonly appSecret: string;
  readonly verifyToken: string;
}

export interface WhatsappAtDesk {
  readonly server: WhatsappServer;
  /** Of the API, with its version; it stays known when the server has closed. */
  readonly url: string;
  readonly keys: WhatsappKeys;
  readonly phoneNumberId: string;
  snapshot(): NonNullable<Saved['whatsapp']>;
}

export interface WhatsappDeps {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Where the program is reached. */
  readonly publicUrl: string;
}

const phoneNumberId = '106540352242922';

/** Listens. The webhook's address is known at once, so that what people write before the program is up waits for it. */
export async function openWhatsapp(deps: WhatsappDeps, saved: Saved['whatsapp']): Promise<WhatsappAtDesk> {
  const keys = saved?.keys ?? newKeys(deps.random);
  const webhookUrl = webhookOf(deps.publicUrl);
  const server = createWhatsappServer({ ...deps, ...keys, phoneNumberId, webhookUrl });
  // The desk may have been at another address then.
  if (saved !== undefined) server.control.restore({ ...saved.memory, webhookUrl });
  else for (const { phone, name: firstName } of people) server.control.addPerson({ id: phone, firstName });
  await server.listen();
  const { url } = server;
  return {
    server,
    url,
    keys,
    phoneNumberId,
    snapshot: () => ({ keys, memory: server.control.snapshot() }),
  };
}

/** "Verify and save", as in Meta's dashboard. false: the program did not answer as it should. */
export async function subscribe({ server }: WhatsappAtDesk, publicUrl: string): Promise<boolean> {
  const { verified } = await server.control.subscribe(webhookOf(publicUrl));
  return verified;
}

function webhookOf(publicUrl: string): string {
  return `${publicUrl}/whatsapp`;
}

function newKeys(random: Random): WhatsappKeys {
  return {
    accessToken: `EAAG${random.bytes(60).toString('base64url')}`,
    appSecret: random.bytes(16).toString('hex'),
    verifyToken: random.bytes(12).toString('base64url'),
  };
}

export const whatsappTroubleNames = ['whatsapp-token', 'whatsapp-templates'] as const;
export type WhatsappTroubleName = (typeof whatsappTroubleNames)[number];

/** They last until they are taken back. An expired token does not outlive the desk; paused templates do. */
export function setWhatsappTrouble(control: WhatsappControl, name: WhatsappTroubleName, on: boolean): void {
  if (name === 'whatsapp-token') {
    if (on) control.expireToken();
    else control.renewToken();
    return;
  }
  const status = on ? 'PAUSED' : 'APPROVED';
  for (const template of control.templates())
    control.setTemplateStatus(template.name, template.language, status);
}

export function hasWhatsappTrouble(control: WhatsappControl, name: WhatsappTroubleName): boolean {
  if (name === 'whatsapp-token') return control.tokenExpired();
  return control.templates().some(({ status }) => status === 'PAUSED');
}
