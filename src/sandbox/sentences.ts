/** The steps of `payment show` as sentences for whoever looks over the shoulder; the words are those of the bot. */
import { showMoney } from '../domain/money.ts';

export interface Sentence {
  readonly en: string;
  readonly sw: string;
}

/** done: a fact. waiting: going on. doubt: not known yet. bad: over without money, or a person must look. */
export type Tone = 'done' | 'waiting' | 'doubt' | 'bad';

export interface Told {
  readonly text: Sentence;
  readonly tone: Tone;
}

export interface Step {
  readonly kind: string;
  readonly [detail: string]: unknown;
}

/** `gw`: the title of the gateway that the step was at. */
type Teller = (step: Step, gw: string) => Told;

const told = (tone: Tone, en: string, sw: string): Told => ({ tone, text: { en, sw } });

function money(step: Step): string {
  return typeof step.amountCents === 'number' ? showMoney(BigInt(step.amountCents)) : '';
}

const tellers: Readonly<Record<string, Teller>> = {
  asked: (step) =>
    told('done', `Asked for ${money(step)}, written down.`, `Ombi la ${money(step)} limeandikwa.`),
  changed: (step) =>
    typeof step.account === 'string'
      ? told('done', `To go through ${step.account}.`, `Itapitia ${step.account}.`)
      : told('done', `Changed to ${money(step)}.`, `Imebadilishwa kuwa ${money(step)}.`),
  stopped: () => told('bad', 'Stopped; nothing was sent.', 'Imesimamishwa; hakuna kilichotumwa.'),
  held: heldBack,
  queued: () =>
    told(
      'done',
      'Confirmed, and committed before anything is sent.',
      'Imethibitishwa na kuhifadhiwa kabla ya kutumwa.',
    ),
  sending: (step, gw) =>
    told(
      'waiting',
      `Sent to ${gw} as ${text(step.reference)}.`,
      `Imetumwa kwa ${gw} kama ${text(step.reference)}.`,
    ),
  accepted: (_step, gw) =>
    told(
      'done',
      `${gw} accepted it: the prompt goes to the phone.`,
      `${gw} imekubali: ombi la PIN linaenda kwenye simu.`,
    ),
  refused: (step, gw) =>
    told('bad', `${gw} refused it (${why(step, 'en')}).`, `${gw} imekataa (${why(step, 'sw')}).`),
  not_sent: (_step, gw) =>
    told('bad', `${gw} was not reached; nothing was sent.`, `${gw} haikupatikana; hakuna kilichotumwa.`),
  answer_lost: (_step, gw) =>
    told(
      'doubt',
      `No answer from ${gw}: we do not know yet whether the prompt is on the phone.`,
      `${gw} haikujibu: bado hatujui kama ombi liko kwenye simu.`,
    ),
  prompt_life_over: () =>
    told(
      'doubt',
      'The prompt’s minute is over, without proof either way.',
      'Dakika ya ombi la PIN imeisha, bila ushahidi.',
    ),
  callback: (_step, gw) => told('done', `${gw} called back.`, `${gw} imetuma majibu.`),
  checked: lookedUp,
  evidence: proof,
  to_review: () =>
    told(
      'bad',
      'Still not known: a person compares the statement.',
      'Bado hatujui: mtu analinganisha taarifa.',
    ),
  marked: byPerson,
  customer: ({ answer }) =>
    answer === 'me'
      ? told('done', 'The customer says: It was me.', 'Mteja anasema: Ndiyo, ni mimi.')
      : told('doubt', 'The customer says that something is wrong.', 'Mteja anasema kuna shida.'),
  sms: smsTold,
};

/** A step that this page has no words for shows its own name. */
export function tell(step: Step, gateway: string): Told {
  return tellers[step.kind]?.(step, gateway) ?? told('done', step.kind, step.kind);
}

export function tellNextCheck(clock: string, doubt: boolean): Told {
  return told(
    doubt ? 'doubt' : 'waiting',
    `Waiting for evidence; next look-up at ${clock}.`,
    `Tunasubiri ushahidi; tutaangalia tena ${clock}.`,
  );
}

function heldBack(step: Step): Told {
  switch (step.why) {
    case 'locked':
      return told(
        'waiting',
        'Held back: this phone has a prompt open.',
        'Haikutumwa: simu hii ina ombi lililo wazi.',
      );
    case 'duplicate':
      return told(
        'waiting',
        'Held back: M-Pesa refuses the same amount twice in 2 minutes.',
        'Haikutumwa: M-Pesa hukataa kiasi kilekile mara mbili ndani ya dakika 2.',
      );
    default:
      return told(
        'waiting',
        'Held back: M-Pesa wants a minute between prompts.',
        'Haikutumwa: M-Pesa hutaka dakika moja kati ya maombi.',
      );
  }
}

function lookedUp(step: Step, gw: string): Told {
  if (step.answered === false)
    return told('doubt', `Looked it up: ${gw} did not answer.`, `Tumeangalia: ${gw} haikujibu.`);
  if (step.found === false)
    return told('doubt', `Looked it up: ${gw} does not find it.`, `Tumeangalia: ${gw} haiioni.`);
  if (step.verdict === 'pending')
    return told(
      'waiting',
      `Looked it up: ${gw} still waits for the PIN.`,
      `Tumeangalia: ${gw} bado inasubiri PIN.`,
    );
  return told('done', `Looked it up at ${gw}: an answer.`, `Tumeangalia kwa ${gw}: kuna jibu.`);
}

function proof(step: Step, gw: string): Told {
  const effect = text(step.effect);
  const receipt = step.receipt === null || step.receipt === undefined ? '' : ` ${text(step.receipt)}`;
  switch (effect) {
    case 'paid':
      return told(
        'done',
        `Paid, proved by ${source(step, gw, 'en')}.${receipt}`,
        `Imelipwa; ushahidi: ${source(step, gw, 'sw')}.${receipt}`,
      );
    case 'paid_late':
      return told(
        'done',
        `Paid after all, proved by ${source(step, gw, 'en')}.${receipt}`,
        `Imelipwa kwa kuchelewa; ushahidi: ${source(step, gw, 'sw')}.${receipt}`,
      );
    case 'receipt_completed':
      return told('done', `M-Pesa’s receipt number:${receipt}.`, `Nambari ya risiti ya M-Pesa:${receipt}.`);
    case 'failed':
      return told(
        'bad',
        `Not paid, says ${source(step, gw, 'en')}. No money moved.`,
        `Haijalipwa; ushahidi: ${source(step, gw, 'sw')}. Hakuna pesa zilizotoka.`,
      );
    case 'still_pending':
      return told(
        'waiting',
        `Still waiting, says ${source(step, gw, 'en')}.`,
        `Bado inasubiri; ushahidi: ${source(step, gw, 'sw')}.`,
      );
    case 'hint':
      return told(
        'doubt',
        'An unsigned hint: looked up before it is believed.',
        'Dokezo bila sahihi: tunaangalia kabla ya kuliamini.',
      );
    case 'nothing_new':
      return told(
        'done',
        `The same again from ${source(step, gw, 'en')}; it counts once.`,
        `Ushahidi uleule tena: ${source(step, gw, 'sw')}; unahesabiwa mara moja.`,
      );
    default:
      return told(
        'bad',
        `It does not fit (${effect.replaceAll('_', ' ')}): kept for review.`,
        `Hailingani (${effect.replaceAll('_', ' ')}): inasubiri ukaguzi.`,
      );
  }
}

function source(step: Step, gw: string, language: 'en' | 'sw'): string {
  switch (step.source) {
    case 'lookup':
      return language === 'en' ? `a look-up at ${gw}` : `kuangalia kwa ${gw}`;
    case 'person':
      return language === 'en' ? 'a person' : 'mtu';
    default:
      return language === 'en' ? `${gw}’s callback` : `majibu ya ${gw}`;
  }
}

function byPerson(step: Step): Told {
  if (step.as === 'paid') return told('done', 'A person marked it paid.', 'Mtu amethibitisha kuwa ililipwa.');
  if (step.as === 'not_paid')
    return told('bad', 'A person marked it not paid.', 'Mtu amethibitisha kuwa haikulipwa.');
  return told('done', 'A person has seen it; it stands as it is.', 'Mtu ameikagua; inabaki ilivyo.');
}

function smsTold(step: Step, gw: string): Told {
  const en = step.to === 'merchant' ? 'the shop' : 'the customer';
  const sw = step.to === 'merchant' ? 'duka' : 'mteja';
  switch (step.state) {
    case 'waiting':
      return told('waiting', `An SMS to ${en} is sent.`, `SMS kwa ${sw} inatumwa.`);
    case 'accepted':
      return told('done', `${gw} sent the SMS to ${en}.`, `${gw} imetuma SMS kwa ${sw}.`);
    case 'refused':
      return told('bad', `${gw} did not take the SMS to ${en}.`, `${gw} haikupokea SMS kwa ${sw}.`);
    default:
      return told(
        'doubt',
        `We do not know whether the SMS reached ${en}.`,
        `Hatujui kama SMS ilimfikia ${sw}.`,
      );
  }
}

function why(step: Step, language: 'en' | 'sw'): string {
  if (step.reason === null || step.reason === undefined || step.reason === 'not_given')
    return language === 'en' ? 'no reason given' : 'bila sababu';
  return text(step.reason).replaceAll('_', ' ');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
