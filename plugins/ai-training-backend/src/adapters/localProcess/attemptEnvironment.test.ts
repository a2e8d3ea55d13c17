import { attemptEnvironment } from './attemptEnvironment';

const environmentWith = (surroundings: Record<string, string>) =>
  attemptEnvironment({
    surroundings,
    variables: { MLFLOW_RUN_ID: 'run-1' },
    home: '/training/homes/team-a',
    temporary: '/training/attempts/1/tmp',
    threads: 2,
  });

describe('attemptEnvironment', () => {
  it('passes on nothing but what is named', () => {
    const environment = environmentWith({
      HOME: '/root',
      POSTGRES_PASSWORD: 'hunter2',
      AWS_SECRET_ACCESS_KEY: 'hunter2',
      NODE_OPTIONS: '--require x',
      PATH: '/usr/bin',
      TZ: 'Europe/Zurich',
    });
    expect(JSON.stringify(environment)).not.toContain('hunter2');
    expect(environment).toMatchObject({
      HOME: '/training/homes/team-a',
      TZ: 'Europe/Zurich',
      MLFLOW_RUN_ID: 'run-1',
      OMP_NUM_THREADS: '2',
    });
    expect(environment.PATH).toMatch(/^\/usr\/bin:/);
    expect(environment).not.toHaveProperty('NODE_OPTIONS');
  });

  it('passes on a proxy that has no password', () => {
    expect(
      environmentWith({
        HTTP_PROXY: 'http://proxy:3128',
        HTTPS_PROXY: 'http://greenroom:hunter2@proxy:3128',
      }),
    ).toMatchObject({ HTTP_PROXY: 'http://proxy:3128' });
    expect(
      environmentWith({ HTTPS_PROXY: 'http://a:hunter2@proxy:3128' }),
    ).not.toHaveProperty('HTTPS_PROXY');
  });
});
