import { availableParallelism } from 'node:os';
import { ConfigError, readConfig } from './config';
import { errorMessage } from './errors';

const TOKEN = { GREENROOM_CONTROL_PLANE_TOKEN: 'a-token-for-tests' };

describe('readConfig', () => {
  it('needs no more than the token', () => {
    expect(readConfig({ ...TOKEN, PATH: '/bin', GREENROOM_PORT: '' })).toEqual({
      controlPlaneUrl: 'http://localhost:7007',
      controlPlaneToken: 'a-token-for-tests',
      environment: 'production',
      dataDirectory: expect.stringMatching(/^\/.*\/\.data\/data-plane$/),
      secretsDirectories: [
        expect.stringMatching(
          /^\/.*\/\.data\/data-plane\/production\/secrets$/,
        ),
        expect.stringMatching(/^\/.*\/\.data\/data-plane\/secrets$/),
      ],
      brakes: { windowSeconds: 10, minRequests: 20, minFailurePercent: 50 },
      upstreamFirstByteMillis: 120_000,
      upstreamIdleMillis: 60_000,
      upstreamTotalMillis: 600_000,
      host: '127.0.0.1',
      port: 7080,
      adminHost: '127.0.0.1',
      adminPort: 7081,
      publicUrl: undefined,
      snapshotPollMillis: 2000,
      recordsIntervalMillis: 1000,
      recordsMaxBuffered: 500000,
      recordsSpoolBytes: 67108864,
      maxBodyBytes: 16777216,
      maxJsonValues: 1000000,
      maxRequestsInFlight: 4096,
      maxBytesInFlight: 268435456,
      maxModelRequestsInFlight: 1024,
      maxModelBytesInFlight: 134217728,
      modelMemoryBytes: 0,
      processes: 1,
      workerThreads: availableParallelism(),
      workerHungMillis: 60_000,
      strictReadiness: false,
      drainSeconds: 15,
      stopWithParent: false,
      lameDuckSeconds: 2,
      logLevel: 'info',
    });
  });

  it('says one sentence for each variable that is wrong', () => {
    const read = () =>
      readConfig({
        GREENROOM_PORT: '70000',
        GREENROOM_CONTROL_PLANE_URL: 'localhost',
        GREENROOM_LOG_LEVEL: 'loud',
        GREENROOM_ENVIRONMENT: 'Prod',
        GREENROOM_MAX_BODY_BYTES: '1e6',
      });
    expect(read).toThrow(ConfigError);
    let message = '';
    try {
      read();
    } catch (error) {
      message = errorMessage(error);
    }
    expect(message.split('\n')).toEqual([
      'GREENROOM_CONTROL_PLANE_URL is "localhost": expected the http(s) URL of the portal, such as http://localhost:7007.',
      'GREENROOM_ENVIRONMENT is "Prod": expected the name of an environment, such as production.',
      'GREENROOM_PORT is "70000": expected a port number from 0 to 65535.',
      'GREENROOM_MAX_BODY_BYTES is "1e6": expected a number of bytes from 1024 to 1073741824.',
      'GREENROOM_LOG_LEVEL is "loud": expected debug, info, warn or error.',
      'GREENROOM_CONTROL_PLANE_TOKEN is not set: expected the token that the portal knows for data planes of this environment (backend.auth.externalAccess), or a file that has it as GREENROOM_CONTROL_PLANE_TOKEN_FILE.',
    ]);
  });

  it('does not show the token', () => {
    expect(() =>
      readConfig({ GREENROOM_CONTROL_PLANE_TOKEN: 'secret' }),
    ).toThrow(
      'GREENROOM_CONTROL_PLANE_TOKEN is too short: expected a token of at least 8 characters.',
    );
  });

  it('takes the token, or the file that has it, and not both', () => {
    const file = { GREENROOM_CONTROL_PLANE_TOKEN_FILE: '/secrets/token' };
    expect(readConfig(file)).toMatchObject({
      controlPlaneToken: undefined,
      controlPlaneTokenFile: '/secrets/token',
    });
    expect(() => readConfig({ ...TOKEN, ...file })).toThrow(
      'GREENROOM_CONTROL_PLANE_TOKEN_FILE is "/secrets/token": expected only where GREENROOM_CONTROL_PLANE_TOKEN is not set.',
    );
  });
});
