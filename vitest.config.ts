import { defineConfig } from 'vitest/config';

const shared = {
  pool: 'forks',
  // Half of a run's time went into loading the same modules for each file; none of them keeps anything of a test.
  isolate: false,
  testTimeout: 20_000,
  hookTimeout: 30_000,
} as const;

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    maxWorkers: 3,
    projects: [
      { test: { ...shared, name: 'malipo', include: ['test/**/*.test.ts'] } },
      {
        // The same journeys once more, on the other chat platform.
        test: {
          ...shared,
          name: 'whatsapp',
          include: ['test/journeys/**/*.test.ts'],
          exclude: ['test/journeys/whatsapp*.test.ts', 'test/journeys/channels.test.ts'],
          env: { MALIPO_JOURNEY_CHANNEL: 'whatsapp' },
          setupFiles: ['test/journeys/setup.ts'],
        },
      },
    ],
  },
});
