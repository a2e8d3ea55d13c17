import type { ServerDuplexStream } from '@grpc/grpc-js';
import { InferenceError } from '../domain/InferenceError';
import type { Cancellation } from '../domain/ModelRunner';
import { GrpcInferExchange, type GrpcContext } from './GrpcInferExchange';
import type { Received } from './protocol';
import { statusCode } from './statusCode';

/** Requests of a stream that are being answered at a time; the next ones wait to be read. */
const MOST_OPEN = 128;

type Call = ServerDuplexStream<Received, object>;

class InferStream {
  readonly #context: GrpcContext;
  readonly #call: Call;
  readonly #onEnd: () => void;
  #open = 0;
  #state: 'reading' | 'read' | 'closing' | 'ended' = 'reading';
  /** Whether the caller does not read its answers as fast as they come. */
  #congested = false;

  constructor(context: GrpcContext, call: Call, onEnd: () => void) {
    this.#context = context;
    this.#call = call;
    this.#onEnd = onEnd;
    call.on('data', (received: Received) => this.#infer(received));
    call.on('end', () => {
      if (this.#state === 'reading') this.#state = 'read';
      this.#endWhenDone();
    });
    call.on('drain', () => {
      this.#congested = false;
      this.#readOn();
    });
    call.on('cancelled', () => this.#end());
    // A caller that goes away has nothing more to be told.
    call.on('error', () => this.#end());
  }

  close(): void {
    if (this.#state === 'ended') return;
    this.#state = 'closing';
    this.#call.pause();
    this.#endWhenDone();
  }

  #infer(received: Received): void {
    this.#open++;
    if (this.#open >= MOST_OPEN) this.#call.pause();
    const { metadata } = this.#call;
    const exchange = new GrpcInferExchange(
      this.#context,
      {
        metadata,
        peer: peerOf(this.#call),
        timeLeftMillis: timeLeftOf(this.#call),
      },
      received,
    );
    const { id } = received.message as { id: string };
    exchange
      .answer(response => this.#write({ infer_response: response }))
      .catch(error =>
        this.#write({
          error_message: statusCode(error).details,
          infer_response: { id },
        }),
      )
      .finally(() => {
        this.#open--;
        this.#readOn();
        this.#endWhenDone();
      });
  }

  #write(message: object): void {
    if (this.#state === 'ended' || this.#call.write(message)) return;
    this.#congested = true;
    this.#call.pause();
  }

  #readOn(): void {
    if (this.#congested || this.#open >= MOST_OPEN) return;
    if (this.#state === 'reading') this.#call.resume();
  }

  #endWhenDone(): void {
    if (this.#open > 0) return;
    if (this.#state === 'read') this.#call.end();
    else if (this.#state === 'closing') {
      this.#call.emit(
        'error',
        statusCode(
          new InferenceError(
            'not-ready',
            'the server stops: open the stream anew',
          ),
        ),
      );
    } else return;
    this.#end();
  }

  #end(): void {
    this.#state = 'ended';
    this.#onEnd();
  }
}

/**
 * Streams of inference requests. Each request is answered as soon as it is done, by its id; one
 * that is refused refuses no other.
 */
export class InferStreams {
  readonly #context: GrpcContext;
  readonly #streams = new Set<InferStream>();
  #closing = false;

  constructor(context: GrpcContext) {
    this.#context = context;
  }

  readonly answer = (call: Call): void => {
    const stream = new InferStream(this.#context, call, () =>
      this.#streams.delete(stream),
    );
    this.#streams.add(stream);
    if (this.#closing) stream.close();
  };

  /** Ends the streams once what they have asked is answered: a caller opens the next one elsewhere. */
  close(): void {
    this.#closing = true;
    for (const stream of this.#streams) stream.close();
  }
}

/** Whether the caller of a gRPC call is still there. */
export function peerOf(call: { readonly cancelled: boolean }): Cancellation {
  return {
    get cancelled() {
      return call.cancelled;
    },
  };
}

/** In milliseconds; Infinity where the caller set no deadline. */
export function timeLeftOf(call: { getDeadline(): Date | number }): number {
  return Number(call.getDeadline()) - Date.now();
}
