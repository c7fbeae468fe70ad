/**
 * Who works in the shop beside its owner, made a member with the command that an operator runs. The manager joins once the desk
 * is ready. On WhatsApp a chat is somebody of its own: the owner and the manager join there when they first use it, so that a
 * newcomer who stays on Telegram hears of nobody else.
 */
import { chatIdOf, type PersonId, personOf } from './cast.ts';
import type { ChannelId } from './chat-names.ts';
import type { RunCommand } from './command.ts';

export interface Members {
  /** Resolves once the chat is a member's, where it is to be. A sentence: why it is not. */
  join(person: PersonId, channel: ChannelId): Promise<string | null>;
  /** The chats that are members'. */
  all(): readonly string[];
}

export interface MembersDeps {
  readonly run: RunCommand;
  readonly known: readonly string[];
  /** The shop; null while no command can be run for it. */
  readonly business: () => string | null;
  readonly changed: () => void;
}

const roles = {
  'manager telegram': 'manager',
  'shop whatsapp': 'owner',
  'manager whatsapp': 'manager',
} as const satisfies Partial<Record<`${PersonId} ${ChannelId}`, string>>;

export function createMembers({ run, known, business, changed }: MembersDeps): Members {
  const all = [...known];
  const underWay = new Map<string, Promise<string | null>>();

  async function add(user: string, role: string): Promise<string | null> {
    const businessId = business();
    if (businessId === null) return 'The app is not up yet. Write once it is.';
    const answer = await run({
      args: ['member', 'add', '--business', businessId, '--user', user, '--role', role],
    });
    if (answer.kind === 'failed') return answer.line;
    all.push(user);
    changed();
    return null;
  }

  return {
    join: async (person, channel) => {
      const user = userOf(person, channel);
      const role = roleOf(person, channel);
      if (role === null || all.includes(user)) return null;
      const adding = underWay.get(user) ?? add(user, role).finally(() => underWay.delete(user));
      underWay.set(user, adding);
      return await adding;
    },
    all: () => all,
  };
}

function roleOf(person: PersonId, channel: ChannelId): string | null {
  const key = `${person} ${channel}`;
  return key in roles ? roles[key as keyof typeof roles] : null;
}

/** As an operator names a chat. */
export function userOf(person: PersonId, channel: ChannelId): string {
  return `${channel}:${chatIdOf(personOf(person), channel)}`;
}
