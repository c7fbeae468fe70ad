/** What doctor found about one thing. A hint is worth reading and no reason to fail. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'hint' | 'wrong';
  readonly detail: string;
  /** What to do about it. */
  readonly todo: string | null;
}

export const ok = (name: string, detail: string): Finding => ({ name, state: 'ok', detail, todo: null });
export const hint = (name: string, detail: string, todo: string): Finding => ({
  name,
  state: 'hint',
  detail,
  todo,
});
export const wrong = (name: string, detail: string, todo: string): Finding => ({
  name,
  state: 'wrong',
  detail,
  todo,
});
