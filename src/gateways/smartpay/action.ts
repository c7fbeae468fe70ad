import type { z } from 'zod';
import { maskMsisdn, maskPhoneIn } from '../../domain/msisdn.ts';
import type { OperatorAction, OperatorAround, OperatorOutcome } from '../abilities.ts';
import { type Body, readBody, readPhone } from '../stk-values.ts';
import { detailOf, type SmartpayCall, type SmartpayOutcome, type SmartpayWire } from './wire.ts';

type Done = Extract<OperatorOutcome, { kind: 'done' }>;

/** One call of SmartPay as an operator's action. */
export interface ActionPlan<Config> {
  readonly summary: string;
  readonly changes: boolean;
  readonly config?: z.ZodType<Config>;
  /** A text: why there is nothing to call. */
  readonly call: (config: Config, around: OperatorAround) => SmartpayCall | Promise<SmartpayCall | string>;
  readonly done: (body: Body, around: OperatorAround) => Omit<Done, 'kind' | 'json'>;
}

export function createAction<Config>(wire: SmartpayWire, plan: ActionPlan<Config>): OperatorAction {
  const { summary, changes, config } = plan;
  return {
    summary,
    changes,
    ...(config === undefined ? {} : { config }),
    async run(given, around) {
      const parsed = config?.safeParse(given ?? {});
      if (parsed?.success === false) return refused(parsed.error.issues.map(faultLine).join('; '));
      const call = await plan.call(parsed?.data as Config, around);
      if (typeof call === 'string') return refused(call);
      return outcomeOf(await wire.call(call), (body) => plan.done(body, around));
    },
  };
}

const refused = (detail: string): OperatorOutcome => ({ kind: 'refused', detail });

const faultLine = (issue: z.core.$ZodIssue) =>
  `${issue.path.length === 0 ? 'configuration' : issue.path.join('.')}: ${issue.message}`;

function outcomeOf(
  outcome: SmartpayOutcome,
  done: (body: Body) => Omit<Done, 'kind' | 'json'>,
): OperatorOutcome {
  switch (outcome.kind) {
    case 'held':
    case 'not_sent':
      return refused(outcome.detail);
    case 'unknown':
      return { kind: 'unknown', detail: outcome.detail };
    case 'answer': {
      const { status, success, body } = outcome;
      const said = success ?? (body?.status === 'success' ? true : null);
      if (status < 300 && said === true && body !== null)
        return { kind: 'done', ...done(body), json: showable(body) };
      const no = said === false && status < 500;
      return { kind: no ? 'refused' : 'unknown', detail: detailOf(outcome) };
    }
  }
}

/** The answer as an operator may see and keep it: without keys, phones masked. */
export function showable(body: Body): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      if (/api_?key|secret/i.test(name)) return [];
      return [[name, shown(name, value)]];
    }),
  );
}

function shown(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => shown(name, each));
  const body = readBody(value);
  if (body !== null) return showable(body);
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  if (/phone|msisdn|mobile/i.test(name)) {
    const msisdn = readPhone(value);
    return msisdn === null ? value : maskMsisdn(msisdn);
  }
  if (/checkout/i.test(name)) return maskPhoneIn(String(value));
  return typeof value === 'string' ? value.replace(/[0-9a-f]{64}/gi, '[secret]') : value;
}
