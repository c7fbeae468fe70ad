/** What Africa's Talking says of one message. Source: the status codes under "Send SMS" in its documentation. */
export type Refusal =
  | 'phone_refused'
  | 'no_balance'
  | 'text_refused'
  | 'not_configured'
  | 'credentials_refused'
  | 'provider_refused';

/** unknown: it may be under way all the same. */
export type Meaning = 'accepted' | 'unknown' | Refusal;

export interface Code {
  /** As the document names it. */
  readonly name: string;
  readonly meaning: Meaning;
}

const codes: ReadonlyMap<number, Code> = new Map<number, Code>([
  [100, { name: 'Processed', meaning: 'accepted' }],
  [101, { name: 'Sent', meaning: 'accepted' }],
  [102, { name: 'Queued', meaning: 'accepted' }],
  [401, { name: 'RiskHold', meaning: 'provider_refused' }],
  [402, { name: 'InvalidSenderId', meaning: 'not_configured' }],
  [403, { name: 'InvalidPhoneNumber', meaning: 'phone_refused' }],
  [404, { name: 'UnsupportedNumberType', meaning: 'phone_refused' }],
  [405, { name: 'InsufficientBalance', meaning: 'no_balance' }],
  // The person dialled that they want no messages of this sender.
  [406, { name: 'UserInBlacklist', meaning: 'phone_refused' }],
  [407, { name: 'CouldNotRoute', meaning: 'provider_refused' }],
  [409, { name: 'DoNotDisturbRejection', meaning: 'phone_refused' }],
  // Something broke behind the door, with the message already inside.
  [500, { name: 'InternalServerError', meaning: 'unknown' }],
  [501, { name: 'GatewayError', meaning: 'unknown' }],
  [502, { name: 'RejectedByGateway', meaning: 'provider_refused' }],
]);

/** A code that the document does not name proves nothing. */
export function codeOf(statusCode: number): Code {
  return codes.get(statusCode) ?? { name: 'not in the document', meaning: 'unknown' };
}

/** Where the list of recipients is empty, the sentence beside it is one of the names: "InvalidSenderId". null: it is none. */
export function refusalNamed(sentence: string): Refusal | null {
  const name = sentence.trim().toLowerCase();
  for (const code of codes.values())
    if (code.name.toLowerCase() === name)
      return code.meaning === 'accepted' || code.meaning === 'unknown' ? null : code.meaning;
  return null;
}
