/** What no code can tell about a gateway: where its document is silent or at odds with itself, and what was decided. */
import type { GatewayKind } from '../../src/gateways/gateway.ts';

export interface Notes {
  /** Each: what is open, and what the adapter does about it. */
  readonly open: readonly (readonly [open: string, done: string])[];
  /** What the document names and the adapter does not do, and why. */
  readonly absent: readonly string[];
}

export const notes: Readonly<Partial<Record<GatewayKind, Notes>>> = {
  bluepay: {
    open: [
      [
        'An STK push takes no idempotency key.',
        'Every attempt has an `account_reference` of its own; after a lost answer it is looked up by that, and never sent again.',
      ],
      [
        'A 502 still names a prompt.',
        'Unknown: the phone may be ringing. It is polled by the id that the 502 gave.',
      ],
      [
        'No reason is given for a prompt that failed.',
        'The card says "Not paid"; the reason is `not_given`.',
      ],
      [
        'A receipt can be a stand-in (`RCHK-…`).',
        'Paid; the number is printed when the real one comes, which is asked for until then.',
      ],
      [
        'Webhooks are sent once and carry no time stamp.',
        'Deduplicated by `Idempotency-Key`, event and payment; polling is the backup.',
      ],
      [
        'The body of the wallet balance is not shown.',
        'Both printed keys are read, at the top or under `data`.',
      ],
      [
        'The answer to a payout is not shown, and a second POST of a `reference` can pay again after a failed one.',
        'Its id is read where the status answer has it. A payout is never sent again by the program; after a lost answer only the webhook or a person tells.',
      ],
      [
        'A payout can be taken back (REVERSED), which no event tells; 502 comes "after accept".',
        'It is looked up again later; a 502 and `REFERENCE_IN_USE` are unknown.',
      ],
      [
        'Payouts are taken up to KES 1,000,000.',
        'M-Pesa moves 250,000 at most: more is refused before it is sent.',
      ],
      ['An `error_code` that is not in the table.', 'Unknown, never failed; look-ups decide.'],
    ],
    absent: [
      'Top-ups and withdrawals of the B2C wallet: the document gives them to the dashboard ("browser login + CSRF").',
      'Session authentication, for the same reason.',
    ],
  },
  smartpay: {
    open: [
      [
        'Called "idempotent", but no key is documented.',
        'Taken for not idempotent: a lost answer is never sent again. It is searched in the list of transactions by our reference.',
      ],
      [
        'The body of a transaction is not shown.',
        'The words of the list’s filter (pending, completed, failed) and M-Pesa’s result codes are read; anything else is pending.',
      ],
      [
        'Webhooks are unsigned, one URL for a key, and retried.',
        'A hint: the transaction is looked up before anything is called paid. Duplicates are one.',
      ],
      [
        'STK pushes are taken up to KES 300,000.',
        'M-Pesa moves 250,000 at most: more is refused before it is sent.',
      ],
      [
        'The table prints the method `bank`, the example `bankpaybill`.',
        'The example is sent; `gateway do` takes both.',
      ],
      [
        'Where the day of "10,000 a day" begins is not told.',
        'After `RATE_LIMIT_DAY` one call an hour finds out.',
      ],
      ['SMS take no reference.', 'A lost answer is not sent again: unknown.'],
      [
        'The bodies of the destination and the SMS balance are not shown.',
        'The spellings of the other answers are read; the list of keys is the fallback.',
      ],
    ],
    absent: [],
  },
  bosmi: {
    open: [
      [
        'No callback, no reference of ours, no idempotency.',
        'Polling is the only truth. A lost answer leaves no id: a person decides, and nothing is sent again by itself.',
      ],
      [
        '"Transaction is being processed or failed." is one sentence for two states.',
        'Never failed by itself. After five minutes the payment goes to review.',
      ],
      [
        'The table of the query asks for `username`, its samples for `email`.',
        'Both are sent, with the key and the id.',
      ],
      [
        'The query’s success is printed as a PHP array.',
        'JSON is read first, then `key => value` lines; a text that breaks off proves nothing.',
      ],
      [
        'JSON in some samples, a form in others.',
        '`encoding` of the account, JSON unless said; never switched after a lost answer.',
      ],
      [
        'Only 07… numbers are documented.',
        '01… is refused before it is sent, unless the account says `allow01`.',
      ],
      [
        'Errors are sentences without codes, under an HTTP status that is not told.',
        'Only the two printed sentences mean something; any other is kept for a person.',
      ],
    ],
    absent: [
      'A check of the credentials: no call of the document is harmless.',
      'A message that says why a prompt failed: there is none.',
    ],
  },
  'daraja-php': {
    open: [
      ['No host is named.', '`baseUrl` is required.'],
      [
        'No credentials are shown for the token.',
        '`consumerKey` and `consumerSecret` go out as Basic where the account has them, and nothing otherwise.',
      ],
      [
        'Where a prompt’s result goes is not told, and there is no look-up.',
        'Daraja’s own callback to the account’s URL. It is unsigned: the account opens only with `--accept-unsigned`, and id, amount, phone and receipt must all match.',
      ],
      [
        'The fields of `c2b_register.php` are not told.',
        'Daraja’s own names. A URL with a word that M-Pesa refuses is named before it is sent.',
      ],
      [
        'A C2B confirmation carries no id of ours, and nothing proves it.',
        'It settles nothing by itself: it is money that nobody asked for, "unproved".',
      ],
      [
        'The platform’s 200 can wrap an error.',
        'Both layers must say yes: `status` 200 and Daraja’s `ResponseCode` 0.',
      ],
    ],
    absent: ['Status, refunds, payouts and SMS: the document has none.'],
  },
  sayapay: {
    open: [
      [
        'The STK query is named without a path or a body.',
        'It exists where the account gives `paths.stkQuery`, as Daraja’s own query. Without it the account opens only with `--accept-unsigned`, and each prompt’s own URL is the proof.',
      ],
      [
        'B2C is named without a path or an answer; its fields are those that the SDK prints.',
        'It exists where the account gives `paths.b2c`. There is no key, no look-up and no callback: after "accepted" a person compares with SayaPay’s statement.',
      ],
      [
        'The chapter on errors is a title.',
        'What HTTP itself says (400, 401, 403, 404, 405, 422, 429) is a refusal beside a JSON body; anything else is unknown.',
      ],
      [
        'A description is required, at most 13 characters.',
        'Our reference is sent: a member’s words may be longer.',
      ],
      [
        'A query names neither amount nor receipt.',
        'Paid, with the number owed; it is not taken from an unsigned callback.',
      ],
    ],
    absent: [
      'C2B register and simulate, account balance, list of transactions: menu entries until a document tells their paths and bodies.',
    ],
  },
};
