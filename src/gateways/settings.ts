/** Pieces of the adapters' configuration schemas, so that one fault reads the same everywhere. */
import { z } from 'zod';
import { baseUrlExpected, parseBaseUrl } from './http.ts';

function reachableBase(text: string, context: z.RefinementCtx): string {
  const parsed = parseBaseUrl(text);
  if (parsed !== null) return parsed;
  context.addIssue({ code: 'custom', message: baseUrlExpected });
  return z.NEVER;
}

export const baseUrlSetting = (fallback: string) =>
  z.string({ error: baseUrlExpected }).default(fallback).transform(reachableBase);

/** Where the document names no address: there is no default to guess. */
export const requiredBaseUrlSetting = () => z.string({ error: baseUrlExpected }).transform(reachableBase);

/** A value pasted with its line end is the same value. */
export const pastedSetting = (pattern: RegExp, expected: string) =>
  z.string({ error: expected }).trim().regex(pattern, { error: expected });

/** Printable ASCII without spaces: what keys and secrets are made of, and what a header can carry. */
export const secretPattern = /^[\x21-\x7e]{1,512}$/;
/** The same without a colon, which ends the user's part of Basic credentials. */
export const userPattern = /^[\x21-\x39\x3b-\x7e]{1,512}$/;

export const shortCodeExpected = 'expected the paybill or till number, 4 to 10 digits';

export const shortCodeSetting = () =>
  z
    .union([z.string(), z.number()], { error: shortCodeExpected })
    .transform(String)
    .pipe(pastedSetting(/^\d{4,10}$/, shortCodeExpected));
