/** The scenarios that cannot exist on WhatsApp, by file and test, each with the reason. Everything else runs on both. */

const groups = 'a business number is in no group on WhatsApp';
/** On Telegram an account vouches for the phone that it has now; on WhatsApp the number is the account. */
const vouches = 'WhatsApp vouches for no number but the one that a message comes from';

export const onlyTelegram: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'commands.test.ts': {
    'the menu of commands is registered in both languages': 'WhatsApp has no menu of commands',
  },
  'audit.test.ts': {
    'whose phone a member’s chat speaks for: whoever shares it is no second person': vouches,
  },
  'bulk-hold.test.ts': {
    'in the group that the owner named: no phone, the same questions, and typing in the own chat': groups,
  },
  'linking.test.ts': {
    'an own contact links at any time; anybody else’s, and a number of another country, does not': vouches,
    'an own contact that was forwarded is as old as its message, and links nothing': vouches,
    'a phone moves to whoever proves it last, and the one before is told; receipts follow it': vouches,
    'the same person with a new phone hears what now applies': vouches,
    '/start shows the link, and a press stops it; an old press does nothing to a newer link': vouches,
  },
  'links.test.ts': {
    'a phone that moved to another chat while the question stood open is not rung': vouches,
  },
  'payouts-decide.test.ts': {
    'in the group that the owner named phones are masked, and only who may approve is heard': groups,
  },
  'input.test.ts': {
    'a group hears nothing, whatever is said or pressed there': groups,
  },
};
