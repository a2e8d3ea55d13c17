import type { ExternalDescriptor } from '@greenroom/bundle-file';
import type { ConnectionAnswer } from '../connections/Connection';
import type { ConnectionLease } from '../connections/Connections';
import type { UpstreamService } from '../connections/UpstreamService';
import type {
  Cancellation,
  ModelRunner,
  RunRequest,
} from '../domain/ModelRunner';
import {
  shareRows,
  type SharedDimension,
  type Signature,
  type Tensor,
} from '../domain/tensor';
import { parseJson } from '../http/openInference/parseJson';
import { explainFailure } from '../language/explainFailure';
import type { TensorAddress } from '../providers/Provider';
import { ProviderError } from '../providers/ProviderError';
import { PROTOCOLS, type TensorCall } from './protocols';

/** Largest answer that is read. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** How often it is looked whether the caller is still there. */
const LOOK_MILLIS = 50;

/** A descriptor of an endpoint that takes tensors. */
export type TensorDescriptor = ExternalDescriptor & {
  tensors: NonNullable<ExternalDescriptor['tensors']>;
};

/** A model of tensors behind a connection. */
export class RemoteRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[] = [];
  readonly #lease: ConnectionLease;
  readonly #descriptor: TensorDescriptor;

  /** @throws Error when a service of the connection has no endpoints of that kind */
  constructor(options: {
    /** Given back with the version. */
    lease: ConnectionLease;
    descriptor: TensorDescriptor;
  }) {
    const { lease, descriptor } = options;
    const { protocol, signature } = descriptor.tensors;
    for (const { service } of lease.connection.upstreams) {
      if (service.provider.tensors?.[protocol]) continue;
      void lease.release();
      throw new Error(
        `the connection "${service.name}" is of the kind ${service.kind}, which takes no tensors by the protocol "${protocol}"`,
      );
    }
    this.signature = signature;
    this.rowWise = shareRows(signature, []);
    this.#lease = lease;
    this.#descriptor = descriptor;
  }

  async run(request: RunRequest): Promise<Tensor[]> {
    const { inputs, outputs, cancellation, holder, isCopy } = request;
    const { connection } = this.#lease;
    const { model: name, tensors, parameters } = this.#descriptor;
    const { protocol, signature } = tensors;
    const call: TensorCall = {
      inputs,
      outputs: outputs
        ? outputs.flatMap(
            wanted =>
              signature.outputs.find(output => output.name === wanted) ?? [],
          )
        : signature.outputs,
      parameters,
    };
    const body = PROTOCOLS[protocol].encode(call);
    const watch = watchFor(cancellation);
    let begun: ConnectionAnswer | undefined;
    try {
      begun = await connection.send({
        model: name,
        encode: service => ({
          ...addressOf(service, protocol)({ name }),
          body,
        }),
        signal: watch.signal,
        affinity: undefined,
        isCopy,
      });
      const bytes = await begun.response.body.read(
        MAX_ANSWER_BYTES,
        holder && (count => holder.hold(count)),
      );
      const answer = PROTOCOLS[protocol].decode(parse(bytes), call, signature);
      begun.end();
      return answer;
    } catch (error) {
      begun?.end(error);
      throw explainFailure(error, {
        name: begun?.service.name ?? connection.name,
        redact: text => connection.redact(text),
      });
    } finally {
      watch.end();
    }
  }

  release(): Promise<void> {
    return this.#lease.release();
  }
}

function addressOf(
  { provider }: UpstreamService,
  protocol: TensorDescriptor['tensors']['protocol'],
): TensorAddress {
  const address = provider.tensors?.[protocol];
  if (address === undefined) throw new Error(`no endpoints for ${protocol}`);
  return address;
}

/** Aborts once the caller has gone; runs tell that by a flag, which is cheap for those that take no time. */
function watchFor(cancellation: Cancellation | undefined): {
  signal: AbortSignal;
  end(): void;
} {
  const abort = new AbortController();
  const timer = setInterval(() => {
    if (cancellation?.cancelled) abort.abort();
  }, LOOK_MILLIS);
  return { signal: abort.signal, end: () => clearInterval(timer) };
}

function parse(bytes: Buffer): unknown {
  try {
    return parseJson(bytes.toString('utf8'), { longIntegers: true, values: 0 });
  } catch (error) {
    throw new ProviderError('its answer is something else than JSON', {
      status: 502,
      cause: error,
    });
  }
}
