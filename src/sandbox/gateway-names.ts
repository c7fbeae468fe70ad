/** The documented gateways, by the names that the program and they themselves use. */

/** Those beside BluePay, in the order of the page. */
export const parkedKinds = ['smartpay', 'bosmi', 'sayapay', 'daraja-php'] as const;
export type ParkedKind = (typeof parkedKinds)[number];

export type DeskGatewayKind = 'bluepay' | ParkedKind;

export const gatewayTitles = {
  bluepay: 'BluePay',
  smartpay: 'SmartPay',
  bosmi: 'BOSMI',
  sayapay: 'SayaPay',
  'daraja-php': 'Daraja PHP',
} as const satisfies Record<DeskGatewayKind, string>;
