/** The scenarios that cannot exist on WhatsApp, by file and test, each with the reason. Everything else runs on both. */

const groups = 'WhatsApp has no groups for a business number';

export const onlyTelegram: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'bulk-hold.test.ts': {
    'in the group that the owner named: no phone, the same questions, and typing in the own chat': groups,
  },
  'commands.test.ts': {
    'the menu of commands is registered in both languages': 'WhatsApp has no menu of commands',
  },
  'input.test.ts': {
    'a group hears nothing, whatever is said or pressed there': groups,
  },
};
