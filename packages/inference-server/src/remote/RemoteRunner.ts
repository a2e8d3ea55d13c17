import type { ExternalDescriptor } from '@greenroom/bundle-file';
import type { ConnectionAnswer } from '../connections/Connection';
import type { ConnectionLease } from '../connections/Connections';
import { isCancelled } from '../connections/failures';
import type { UpstreamService } from '../connections/UpstreamService';
import type {
  Cancellation,
  ModelRunner,
  RunRequest,
} from '../domain/ModelRunner';
import { DATATYPE_FACTS } from '../domain/datatypes';
import { refuseUnwanted } from '../domain/refuseUnwanted';
import {
  shareRows,
  type SharedDimension,
  type Signature,
  type Tensor,
} from '../domain/tensor';
import { explainFailure } from '../language/explainFailure';
import type { TensorAddress, TensorForm } from '../providers/Provider';
import { MAX_ANSWER_BYTES } from '../providers/open-inference/limits';
import type { ReadinessProbes } from './ReadinessProbes';
import { ReadinessWatch } from './ReadinessWatch';
import { PROTOCOLS, type EncodedTensors, type TensorCall } from './protocols';

/** How often it is looked whether the caller still waits. */
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
  readonly #watch: ReadinessWatch;

  /** @throws Error when a service of the connection has no endpoints of that kind */
  constructor(options: {
    /** Given back with the version. */
    lease: ConnectionLease;
    descriptor: TensorDescriptor;
    /** Of all versions together. */
    probes: ReadinessProbes;
    /** Whether it can be asked has changed. */
    onTrouble?: () => void;
  }) {
    const { lease, descriptor } = options;
    const { signature } = descriptor.tensors;
    const { connection } = lease;
    const services = connection.upstreams.map(({ service }) => service);
    for (const service of services) {
      const odd = oddUpstream(service, descriptor);
      if (odd === undefined) continue;
      void lease.release();
      throw new Error(odd);
    }
    this.#watch = new ReadinessWatch({
      model: descriptor.model,
      services,
      probes: options.probes,
      redact: text => connection.redact(text),
      onChange: options.onTrouble ?? (() => {}),
    });
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
    // Another attempt may go to an upstream that takes another form.
    const written = new Map<TensorForm, EncodedTensors>();
    const encode = (form: TensorForm) => {
      const encoded =
        written.get(form) ?? PROTOCOLS[protocol].encode(call, form, name);
      written.set(form, encoded);
      return encoded;
    };
    const watch = watchFor(cancellation);
    let begun: ConnectionAnswer | undefined;
    try {
      await Promise.all(
        connection.upstreams.map(({ service }) => service.provider.learn?.()),
      );
      begun = await connection.send({
        model: name,
        encode: service => ({
          ...addressOf(service, protocol)({ name }),
          ...encode(formOf(service)),
          deadlineMillis: cancellation?.deadlineMillis,
        }),
        signal: watch.signal,
        affinity: undefined,
        isCopy,
      });
      const bytes = await begun.response.body.read(
        MAX_ANSWER_BYTES,
        holder && (count => holder.hold(count)),
      );
      const answer = PROTOCOLS[protocol].decode(
        { bytes, headers: begun.response.headers },
        formOf(begun.service),
        call,
        signature,
      );
      begun.end();
      return answer;
    } catch (error) {
      begun?.end(error);
      // Whose time is over hears that, whatever ended the call.
      if (isCancelled(error)) refuseUnwanted(cancellation);
      throw explainFailure(error, {
        name: begun?.service.name ?? connection.name,
        redact: text => connection.redact(text),
      });
    } finally {
      watch.end();
    }
  }

  /** Why it cannot answer now, as far as its servers say; undefined when it can. */
  get trouble(): string | undefined {
    return this.#watch.trouble;
  }

  /** Resolves when its servers were asked whether it is ready, or after that time. */
  asked(mostMillis: number): Promise<void> {
    return this.#watch.settled(mostMillis);
  }

  release(): Promise<void> {
    this.#watch.close();
    return this.#lease.release();
  }
}

/** Why an upstream cannot answer for a version, whatever it is asked; undefined when it may. */
function oddUpstream(
  { name, kind, provider }: UpstreamService,
  { tensors: { protocol, signature } }: TensorDescriptor,
): string | undefined {
  const said = `the connection "${name}" is of the kind ${kind}, which takes`;
  if (!provider.tensors?.[protocol]) {
    return `${said} no tensors by the protocol "${protocol}"`;
  }
  const half = [...signature.inputs, ...signature.outputs].find(
    ({ datatype }) => DATATYPE_FACTS[datatype].bits,
  );
  return half && provider.tensorForm === undefined
    ? `${said} JSON alone, for which "${half.name}" (${half.datatype}) has no form`
    : undefined;
}

function formOf({ provider }: UpstreamService): TensorForm {
  return provider.tensorForm ?? 'json';
}

function addressOf(
  { provider }: UpstreamService,
  protocol: TensorDescriptor['tensors']['protocol'],
): TensorAddress {
  const address = provider.tensors?.[protocol];
  if (address === undefined) throw new Error(`no endpoints for ${protocol}`);
  return address;
}

/** Aborts once nobody waits any more; runs tell that by a flag, which is cheap for those that take no time. */
function watchFor(cancellation: Cancellation | undefined): {
  signal: AbortSignal;
  end(): void;
} {
  const abort = new AbortController();
  const timer = setInterval(() => {
    const { cancelled = false, deadlineMillis = Infinity } = cancellation ?? {};
    if (cancelled || performance.now() >= deadlineMillis) abort.abort();
  }, LOOK_MILLIS);
  return { signal: abort.signal, end: () => clearInterval(timer) };
}
