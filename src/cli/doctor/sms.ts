import { createAfricasTalking } from '../../channels/sms/africastalking.ts';
import { silentLog } from '../../ops/log.ts';
import type { Session } from '../session.ts';
import { type Finding, hint, ok, wrong } from './finding.ts';

const name = 'sms';
/** What about fifty SMS cost. */
const lowCents = 5000n;

/** SMS of the operator's own, beside those of the gateways. */
export async function checkSms({ config, http }: Session): Promise<Finding> {
  if (config.africasTalking === null)
    return ok(name, "by the gateways alone: Africa's Talking is not configured");
  const answer = await createAfricasTalking({ ...config.africasTalking, http, log: silentLog }).balance();
  switch (answer.kind) {
    case 'credentials_refused':
      return wrong(
        name,
        "Africa's Talking refuses the user name or the key",
        'compare AFRICASTALKING_USERNAME and AFRICASTALKING_API_KEY with the app in its dashboard',
      );
    case 'no_answer':
      return wrong(
        name,
        `Africa's Talking does not answer (${answer.detail})`,
        'see that this server reaches it, and AFRICASTALKING_API_ROOT',
      );
    case 'balance': {
      const said = `Africa's Talking takes the key; ${answer.shown} left`;
      const isLow = answer.cents !== null && answer.cents < lowCents;
      return isLow ? hint(name, said, 'top up the app in its dashboard') : ok(name, said);
    }
  }
}
