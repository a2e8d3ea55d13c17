import { Agent } from 'undici';
import { createLogger } from '../../logger';
import { Secrets } from '../../secrets/Secrets';
import { Upstream } from '../../upstream/Upstream';
import { serviceAccountTokens } from './serviceAccount';

const KEY = {
  client_email: 'a@b.iam.gserviceaccount.com',
  private_key:
    '-----BEGIN PRIVATE KEY-----\nZGFtYWdlZA==\n-----END PRIVATE KEY-----\n',
  token_uri: 'http://127.0.0.1:9/token',
};

/** What is said of a key of this text. */
async function refusalOf(text: string): Promise<unknown> {
  const times = { firstByteMillis: 100, idleMillis: 100, totalMillis: 100 };
  const tokens = serviceAccountTokens('env:GOOGLE_KEY', {
    name: 'llm',
    secrets: new Secrets({
      directories: ['/nowhere'],
      environment: { GOOGLE_KEY: text },
    }),
    upstream: new Upstream({ dispatcher: new Agent(), times }),
    logger: createLogger({ level: 'error', write() {} }),
    localModels: { directory: undefined, program: undefined },
  });
  return tokens.get().catch(error => error);
}

it.each([
  ['no JSON', "the JSON of a service account's key"],
  ['{}', 'it has no client_email'],
  [JSON.stringify(KEY), 'a private_key that nothing can be signed with'],
])('says what is wrong with the key: %#', async (text, sentence) => {
  const error = await refusalOf(text);
  expect(error).toMatchObject({
    name: 'SecretError',
    message: expect.stringContaining(sentence),
  });
  expect(String(error)).not.toContain('ZGFtYWdlZA');
});
