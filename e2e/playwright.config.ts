import { defineConfig } from '@playwright/test';
import { environmentsWithEndpoint } from '../scripts/drills/rollouts/lib/Endpoint.mjs';

const port = Number(process.env.GREENROOM_E2E_PORT ?? 7307);

/** A stack that runs already, for writing tests: its portal's address. */
const runningUrl = process.env.GREENROOM_E2E_URL;

/** Plays against a stack of its own, on other ports and with a data folder that is thrown away. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../test-results',
  // One story, told in order on one stack.
  workers: 1,
  retries: 0,
  timeout: 300_000,
  // A test says what is right, not how fast: two cores may do other work, too.
  expect: { timeout: 60_000 },
  reporter: [['list'], ['json']],
  use: {
    baseURL: runningUrl ?? `http://localhost:${port}`,
    viewport: { width: 1360, height: 900 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    actionTimeout: 60_000,
    launchOptions: {
      executablePath: process.env.GREENROOM_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        // Chromium's sandbox does not work for root, which container CI usually is.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: runningUrl
    ? undefined
    : {
        command: 'node scripts/stack/start.mjs',
        cwd: '..',
        env: {
          GREENROOM_PORT: String(port),
          GREENROOM_DATA_PLANE_PORT: String(port + 1),
          GREENROOM_DATABASE_PORT: String(port + 2),
          GREENROOM_DATA_PLANE_ADMIN_PORT: String(port + 3),
          GREENROOM_DATA_PLANE_GRPC_PORT: String(port + 5),
          // Its versions behave as a test says.
          APP_CONFIG_greenroom_environments: environmentsWithEndpoint(port + 4),
          // The receivers of web hooks are programs of the tests.
          APP_CONFIG_aiRegistry_webhooks_allowPrivateAddresses: 'true',
          APP_CONFIG_aiRegistry_webhooks_httpHosts: '["localhost"]',
          GREENROOM_DATA_DIR: `${
            process.env.GREENROOM_E2E_SCRATCH ?? '/tmp'
          }/greenroom-e2e`,
          // The story sends its own traffic.
          GREENROOM_DEMO_TRAFFIC: 'off',
          // What somebody set for themselves is not what is tested.
          GREENROOM_OWN_CONFIG: 'off',
        },
        // Printed at the very end of the start, when the demo is loaded.
        wait: { stdout: /Greenroom is ready/ },
        timeout: 600_000,
        stdout: 'pipe',
        gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
      },
});
