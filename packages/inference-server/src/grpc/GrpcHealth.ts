import {
  status,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { InferenceError } from '../domain/InferenceError';
import { INFERENCE_SERVICE, type Received } from './protocol';
import { unary } from './unary';

/** How soon somebody who watches hears of a change. */
const LOOK_MILLIS = 250;
/** Each watcher is a stream that stays, and needs no key. */
const MOST_WATCHERS = 1_000;

type Watch = ServerWritableStream<Received, object>;

/**
 * Whether the server takes requests, as gRPC's own clients, load balancers and probes ask
 * (https://github.com/grpc/grpc/blob/master/doc/health-checking.md): as a whole by the empty
 * name, and by the name of the inference service.
 */
export class GrpcHealth {
  readonly #isReady: () => boolean;
  readonly #watchers = new Set<Watch>();
  #told: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { isReady: () => boolean }) {
    this.#isReady = options.isReady;
    this.#told = options.isReady();
  }

  implementation(): UntypedServiceImplementation {
    return {
      Check: unary(call => {
        const { service } = call.request.message as { service: string };
        if (isKnown(service)) return { status: this.#status() };
        throw new InferenceError(
          'not-found',
          `there is no service "${service}": ask for "" or "${INFERENCE_SERVICE}"`,
        );
      }),
      List: unary(() => ({
        statuses: {
          '': { status: this.#status() },
          [INFERENCE_SERVICE]: { status: this.#status() },
        },
      })),
      Watch: (call: Watch) => this.#watch(call),
    };
  }

  /** Tells those who watch what there is to tell, and ends their streams: they hold up a stop. */
  close(): void {
    this.#look();
    for (const watcher of this.#watchers) watcher.end();
    this.#watchers.clear();
    this.#rest();
  }

  #watch(call: Watch): void {
    const { service } = call.request.message as { service: string };
    if (this.#watchers.size >= MOST_WATCHERS) {
      call.emit('error', {
        code: status.RESOURCE_EXHAUSTED,
        details: `${MOST_WATCHERS} watch already: ask by Check`,
      });
      return;
    }
    call.on('cancelled', () => {
      this.#watchers.delete(call);
      this.#rest();
    });
    call.on('error', () => {});
    if (!isKnown(service)) {
      // It may come, says gRPC; here it does not, and the stream stays silent.
      call.write({ status: 'SERVICE_UNKNOWN' });
    } else {
      this.#look();
      call.write({ status: this.#status() });
    }
    this.#watchers.add(call);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MILLIS).unref();
  }

  #look(): void {
    const ready = this.#isReady();
    if (ready === this.#told) return;
    this.#told = ready;
    for (const watcher of this.#watchers) {
      const { service } = watcher.request.message as { service: string };
      if (isKnown(service)) watcher.write({ status: this.#status() });
    }
  }

  #rest(): void {
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #status(): string {
    return this.#isReady() ? 'SERVING' : 'NOT_SERVING';
  }
}

function isKnown(service: string): boolean {
  return service === '' || service === INFERENCE_SERVICE;
}
