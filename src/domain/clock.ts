/** The time, passed in so that a test moves it and a simulation replays it. Instants only; EAT is for showing. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** `at` moved by whole or fractional seconds. */
export function plusSeconds(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000);
}
