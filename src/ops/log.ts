import { type Logger as PinoLogger, pino } from 'pino';

/** JSON lines on stdout. Never a token, a secret or a whole phone: what is logged is named field by field. */
export type Logger = PinoLogger;

export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.errWithCause },
  });
}

export const silentLog: Logger = pino({ level: 'silent' });
