import { childEnvironment } from './childEnvironment';

describe('childEnvironment', () => {
  it("passes on the variables that the environment's connections name, and no other", () => {
    const environment = childEnvironment({
      environment: 'dev',
      controlPlaneUrl: 'http://localhost:7007',
      token: 'a token',
      directory: '/data',
      port: undefined,
      surroundings: {
        PATH: '/bin',
        OPENAI: 'sk-1',
        DATABASE: 'password',
        GREENROOM_PORT: '1',
      },
      variables: ['OPENAI', 'ABSENT', 'GREENROOM_PORT'],
    });
    expect(environment).toMatchObject({
      PATH: '/bin',
      OPENAI: 'sk-1',
      GREENROOM_PORT: '0',
      GREENROOM_SECRETS_DIR: '/data/dev/secrets',
    });
    expect(environment).not.toHaveProperty('DATABASE');
    expect(environment).not.toHaveProperty('ABSENT');
  });
});
