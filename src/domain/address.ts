/** Web addresses as an operator writes them. */

/** http or https, with nothing in it that a path could not be put behind, and no credentials. */
export function isPlainAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const parsed = new URL(value);
  const known = parsed.protocol === 'http:' || parsed.protocol === 'https:';
  return known && /^https?:\/\//.test(value) && parsed.username === '' && !/[?#\s]/.test(value);
}

/** The same, and nobody on the way reads along: https, or http to the machine itself. */
export function isSecureAddress(value: string): boolean {
  return isPlainAddress(value) && (value.startsWith('https:') || isLoopback(value));
}

export function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '');
}

/**
 * Does this address name the machine itself? Telegram and the gateways cannot call it, but an emulator here can. The whole
 * number counts: 127.example.com is somebody else's name.
 */
export function isLoopback(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
