import {
  exportJWK,
  generateKeyPair,
  type GenerateKeyPairResult,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Key extends GenerateKeyPairResult {
  kid: string;
  jwk: JWK;
}

/** What GitHub says of a run that deploys. */
export const CLAIMS_OF_A_RUN: JWTPayload = {
  sub: 'repo:acme/environments:environment:production',
  repository: 'acme/environments',
  repository_owner: 'acme',
  ref: 'refs/heads/main',
  ref_type: 'branch',
  environment: 'production',
  event_name: 'push',
  actor: 'octocat',
  run_id: '1',
  job_workflow_ref:
    'acme/environments/.github/workflows/deploy.yml@refs/heads/main',
};

/**
 * The issuer of tokens for runs of workflows, over HTTP on this machine: it publishes its keys as GitHub
 * does, gives tokens to runs in the same way, and signs whatever a test asks for.
 */
export class RunTokens {
  /** Paths that were asked for, in order. */
  readonly asked: string[] = [];
  /** How the issuer behaves. */
  behaviour: 'answers' | 'fails' | 'hangs' | 'floods' = 'answers';
  #server: Server | undefined;
  #url = '';
  #keys: Key[] = [];
  /** What tokens say that a run asks for itself. */
  claimsOfRuns = CLAIMS_OF_A_RUN;

  get url(): string {
    return this.#url;
  }

  /** Where a run asks for its token, as the variables of its environment say. */
  get environment(): Record<string, string> {
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${this.#url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'token-of-the-run',
    };
  }

  async start(): Promise<void> {
    await this.rotate();
    const server = createServer(this.#answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise(resolve => this.#server?.close(resolve));
  }

  /** Takes another key from now on. @param options.keep - publishes the earlier ones, too */
  async rotate(options: { keep?: boolean; alg?: string } = {}): Promise<void> {
    const { keep = false, alg = 'RS256' } = options;
    const pair = await generateKeyPair(alg, { extractable: true });
    const kid = `key-${this.asked.length}-${Date.now()}-${Math.random()}`;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' };
    this.#keys = [{ ...pair, kid, jwk }, ...(keep ? this.#keys : [])];
  }

  /** A token of a run, with these claims in the place of the usual ones; undefined leaves one out. */
  async sign(
    claims: Record<string, unknown> = {},
    header: { kid?: string } = {},
  ): Promise<string> {
    const [key] = this.#keys;
    const now = Math.floor(Date.now() / 1000);
    const usual: JWTPayload = {
      ...CLAIMS_OF_A_RUN,
      iss: this.#url,
      aud: 'https://greenroom.example',
      jti: String(Math.random()),
      iat: now,
      nbf: now - 10,
      exp: now + 300,
    };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({
        alg: key.jwk.alg!,
        kid: key.kid,
        typ: 'JWT',
        ...header,
      })
      .sign(key.privateKey);
  }

  readonly #answer: RequestListener = async (req, res) => {
    const { pathname, searchParams } = new URL(req.url!, this.#url);
    this.asked.push(pathname);
    const answer = (value: unknown) =>
      res
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify(value));
    if (pathname === '/token') {
      const isRun = req.headers.authorization === 'Bearer token-of-the-run';
      const aud = searchParams.get('audience');
      const value = isRun && (await this.sign({ ...this.claimsOfRuns, aud }));
      return value ? answer({ value }) : res.writeHead(401).end();
    }
    if (this.behaviour === 'hangs') return undefined;
    if (this.behaviour === 'fails') return res.writeHead(502).end('away');
    if (this.behaviour === 'floods') {
      return answer({ keys: [], padding: 'x'.repeat(1024 * 1024) });
    }
    return pathname === '/.well-known/openid-configuration'
      ? answer({ issuer: this.#url, jwks_uri: `${this.#url}/keys` })
      : answer({ keys: this.#keys.map(({ jwk }) => jwk) });
  };
}
