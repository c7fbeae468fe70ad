import type { Random } from '../../domain/random.ts';
import type { Subscription } from './control.ts';

/** The handshake: GET with hub.mode, hub.verify_token and hub.challenge, which must come back with 200 and nothing else. */
export async function verify(url: string, verifyToken: string, random: Random): Promise<Subscription> {
  const challenge = String(random.bytes(4).readUInt32BE(0));
  const asked = new URL(url);
  asked.searchParams.set('hub.mode', 'subscribe');
  asked.searchParams.set('hub.challenge', challenge);
  asked.searchParams.set('hub.verify_token', verifyToken);
  try {
    const answer = await fetch(asked, { redirect: 'manual' });
    const body = await answer.text();
    return { verified: answer.status === 200 && body === challenge, status: answer.status, body };
  } catch {
    return { verified: false, status: null, body: '' };
  }
}
