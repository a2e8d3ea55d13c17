import type { KubeConfig, RequestContext } from '@kubernetes/client-node';
import { Agent, type AgentOptions } from 'node:https';

/** Servers keep what nobody uses for longer, so that none is closed in the moment in which it is used. */
const UNUSED_MILLIS = 15_000;
const MOST_UNUSED = 10;
/** Where these are the same, a connection is. */
const IDENTITY = [
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'servername',
  'rejectUnauthorized',
] as const satisfies (keyof AgentOptions)[];

/**
 * Says who we are as a KubeConfig does, and keeps connections for the next requests. The client library makes a new one for
 * each, and most of what a request costs both sides then is the handshake.
 */
export class KeptConnections {
  readonly #config: Pick<KubeConfig, 'applySecurityAuthentication'>;
  #agent: Agent | undefined;

  constructor(config: Pick<KubeConfig, 'applySecurityAuthentication'>) {
    this.#config = config;
  }

  getName(): string {
    return 'kept connections';
  }

  async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await this.#config.applySecurityAuthentication(context);
    const agent = context.getAgent();
    // A proxy's is left alone.
    if (agent?.constructor === Agent) context.setAgent(this.#kept(agent));
  }

  /** Another one once certificates are others; requests under way end with the one before. */
  #kept({ options }: Agent): Agent {
    const isSame =
      this.#agent &&
      IDENTITY.every(name =>
        isEqual(this.#agent!.options[name], options[name]),
      );
    if (!isSame) {
      this.#agent = new Agent({
        ...Object.fromEntries(IDENTITY.map(name => [name, options[name]])),
        keepAlive: true,
        maxFreeSockets: MOST_UNUSED,
        timeout: UNUSED_MILLIS,
      });
    }
    return this.#agent!;
  }
}

function isEqual(one: unknown, other: unknown): boolean {
  if (Buffer.isBuffer(one) && Buffer.isBuffer(other)) return one.equals(other);
  return one === other;
}
