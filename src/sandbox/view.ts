/** The whole desk as its page sees it. */
import { showMoney } from '../domain/money.ts';
import { businessName, type Person, type PersonId, phones } from './cast.ts';
import type { ChannelId } from './chat-names.ts';
import type { AppState, ChildFacts } from './child.ts';
import type { ConnectionState, Connections } from './connections.ts';
import { type DeskGatewayKind, gatewayTitles, parkedKinds } from './gateway-names.ts';
import type { Mpesa } from './mpesa.ts';
import type { Scheduler } from './scheduler.ts';
import type { ShownPayment } from './timeline.ts';
import { type TroubleName, type Troubles, troubleNames } from './troubles.ts';
import { type DeskChat, viewPeople } from './view-chat.ts';
import { hasWhatsappTrouble, type WhatsappTroubleName, whatsappTroubleNames } from './whatsapp-at-desk.ts';
import { wireOf } from './wire.ts';
import type { WireEntry } from './wire-entry.ts';
import type { World } from './world.ts';

export interface DeskPhone {
  readonly msisdn: string;
  readonly owner: PersonId;
  readonly on: boolean;
  readonly balanceCents: number;
  readonly prompts: readonly {
    readonly id: string;
    readonly merchant: string;
    readonly amount: string;
    readonly account: string;
    readonly until: string;
  }[];
  readonly sms: readonly {
    readonly id: string;
    readonly from: string;
    readonly text: string;
    readonly at: string;
  }[];
}

export interface DeskState {
  readonly serial: number;
  readonly app: { readonly state: AppState; readonly starts: number; readonly upSince: string | null };
  readonly business: { readonly name: string };
  /** All that there are, BluePay first. */
  readonly gateways: readonly {
    readonly kind: DeskGatewayKind;
    readonly title: string;
    readonly state: ConnectionState;
  }[];
  readonly people: readonly (Person & { readonly chats: Readonly<Record<ChannelId, DeskChat>> })[];
  readonly phones: readonly DeskPhone[];
  readonly faults: readonly { readonly name: TroubleName; readonly armed: boolean }[];
  readonly downUntil: Readonly<Record<ChannelId, string | null>>;
  /** What is wrong with WhatsApp until it is taken back. */
  readonly whatsappTroubles: readonly { readonly name: WhatsappTroubleName; readonly on: boolean }[];
  readonly payment: ShownPayment | null;
  readonly wire: readonly WireEntry[];
}

export interface ViewParts {
  readonly serial: number;
  readonly world: World;
  readonly connections: Connections;
  readonly app: ChildFacts;
  readonly payment: ShownPayment | null;
  readonly scheduler: Scheduler;
}

export function viewDesk(parts: ViewParts): DeskState {
  const { serial, world, connections, app, payment, scheduler } = parts;
  const { whatsapp, mpesa, troubles, outages } = world;
  const { control } = whatsapp.server;
  return {
    serial,
    app: { state: app.state, starts: app.starts, upSince: app.upSince?.toISOString() ?? null },
    business: { name: businessName },
    gateways: viewGateways(connections),
    people: viewPeople(world, scheduler),
    phones: phones.map(({ msisdn, owner }) => viewPhone(mpesa, msisdn, owner)),
    faults: viewFaults(troubles),
    downUntil: {
      telegram: outages.telegram.until?.toISOString() ?? null,
      whatsapp: outages.whatsapp.until?.toISOString() ?? null,
    },
    whatsappTroubles: whatsappTroubleNames.map((name) => ({ name, on: hasWhatsappTrouble(control, name) })),
    payment,
    wire: wireOf(world.gateways(), whatsapp),
  };
}

function viewGateways(connections: Connections): DeskState['gateways'] {
  return [
    { kind: 'bluepay', title: gatewayTitles.bluepay, state: 'connected' },
    ...parkedKinds.map((kind) => ({ kind, title: gatewayTitles[kind], state: connections.stateOf(kind) })),
  ];
}

function viewFaults(troubles: Troubles): DeskState['faults'] {
  return troubleNames.map((name) => ({ name, armed: troubles.isArmed(name) }));
}

function viewPhone(mpesa: Mpesa, msisdn: string, owner: PersonId): DeskPhone {
  const subscriber = mpesa.subscriber(msisdn);
  const inbox = mpesa.smsInbox(msisdn);
  return {
    msisdn,
    owner,
    on: subscriber?.on === true,
    balanceCents: Number(subscriber?.balanceCents ?? 0n),
    prompts: mpesa.prompts(msisdn).map(({ id, merchant, amountCents, account, endsAt }) => ({
      id,
      merchant,
      amount: showMoney(amountCents).replace('KES ', ''),
      account,
      until: endsAt.toISOString(),
    })),
    sms: inbox.map(({ from, text, at }, index) => ({
      id: `${at.getTime()}-${index}`,
      from,
      text,
      at: at.toISOString(),
    })),
  };
}
