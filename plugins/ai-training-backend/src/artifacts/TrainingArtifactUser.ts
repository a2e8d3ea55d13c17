import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import {
  type Digest,
  DIGEST_PATTERN,
} from '@greenroom/plugin-ai-registry-common';
import type { ArtifactUser } from '@greenroom/plugin-ai-registry-node';

const TIMEOUT_MILLIS = 30_000;

/** Asks ai-training, wherever it runs, which contents files of runs have. */
export class TrainingArtifactUser implements ArtifactUser {
  readonly name = 'ai-training';
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
  }

  async findUsed(
    digests: readonly Digest[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<Digest>> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-training',
    });
    const baseUrl = await this.#discovery.getBaseUrl('ai-training');
    const response = await fetch(`${baseUrl}/artifacts/used`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ digests }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLIS)]),
    });
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return new Set(readUsed(await response.json()));
  }
}

/** What is no list of digests is no answer: as if it were nothing, files would be lost. */
function readUsed(answer: unknown): Digest[] {
  const used: unknown = Object(answer).used;
  const isDigest = (it: unknown): it is Digest =>
    typeof it === 'string' && DIGEST_PATTERN.test(it);
  if (Array.isArray(used) && used.every(isDigest)) return used;
  throw new Error('ai-training did not answer with a list of digests');
}
