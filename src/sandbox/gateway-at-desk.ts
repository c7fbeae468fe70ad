/** What the desk does with every gateway alike: look at its wire, and let something go wrong there. */
import type { BluepayControl } from './bluepay/control.ts';
import type { Fault as BluepayFault } from './bluepay/faults.ts';
import type { Fault as CommonFault } from './gateway-kit/faults.ts';
import type { RequestEntry, WebhookEntry } from './gateway-kit/journal.ts';
import type { DeskGatewayKind } from './gateway-names.ts';
import type { Listening } from './gateway-park.ts';

/** What BluePay's own list and that of the others both have. */
export type SharedFault = BluepayFault & CommonFault;

export interface GatewayAtDesk {
  readonly kind: DeskGatewayKind;
  arm(fault: SharedFault, setting?: number): void;
  clear(fault: SharedFault): void;
  isArmed(fault: SharedFault): boolean;
  /** Oldest first; credentials are blanked. */
  requests(): readonly RequestEntry[];
  webhooks(): readonly WebhookEntry[];
  /** The phones whose prompt, asked for at that instant (in milliseconds) or later, is over. */
  answeredSince(at: number): readonly string[];
  /** What no page may show, wherever it stands. */
  secrets(): readonly string[];
}

export function bluepayAtDesk(control: BluepayControl): GatewayAtDesk {
  return {
    kind: 'bluepay',
    ...common(control),
    answeredSince: (at) =>
      control
        .stks()
        .filter(({ createdAt, status }) => createdAt >= at && status !== 'PENDING')
        .map(({ phone }) => phone),
    secrets: () => control.accounts().flatMap(({ apiSecret, apiPassword }) => [apiSecret, apiPassword]),
  };
}

export function parkedAtDesk({ kind, control, secrets }: Listening): GatewayAtDesk {
  return {
    kind,
    ...common(control),
    answeredSince: (at) =>
      control
        .pushes()
        .filter(({ createdAt, result }) => createdAt >= at && result !== null)
        .map(({ phone }) => phone),
    secrets,
  };
}

type Common = Pick<BluepayControl, 'requests' | 'webhooks'> & {
  arm(fault: SharedFault, setting?: number): void;
  clear(fault: SharedFault): void;
  armed(): readonly { readonly fault: string }[];
};

function common(control: Common) {
  return {
    arm: (fault: SharedFault, setting?: number) => control.arm(fault, setting),
    clear: (fault: SharedFault) => control.clear(fault),
    isArmed: (fault: SharedFault) => control.armed().some((one) => one.fault === fault),
    requests: () => control.requests(),
    webhooks: () => control.webhooks(),
  };
}
